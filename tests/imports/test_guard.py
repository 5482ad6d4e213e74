"""No address of a private network is ever connected to, in whatever form it comes."""

import ipaddress
import socket
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import SourceFailed
from directory.imports.fetch import Fetcher, Pace
from directory.imports.guard import NotConnected, Refused, is_public, may_connect
from tests.imports.sites import fetcher_for, running, says

PRIVATE = [
    "10.0.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a00:1",
    "64:ff9b:1::808:808",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    "2002:0a00:0001::",
    "2002:808:808::",
    "2001:db8::1",
    "2a00:1450:4001::200:5efe:10.0.0.1",
    "2a00:1450:4001::5efe:10.0.0.1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["8.8.8.8", "193.134.198.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450:4001::1"]


@pytest.mark.parametrize("text", PRIVATE)
def test_what_is_not_of_the_open_internet_is_refused(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_of_the_open_internet_passes(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("port", [22, 25, 3306, 5432, 6379, 8000, 8443])
def test_only_the_ports_of_the_web_are_asked(port: int) -> None:
    assert not may_connect(ipaddress.ip_address("8.8.8.8"), port)


WRAPPINGS: dict[str, Callable[[int], int]] = {
    "mapped": lambda n: 0xFFFF << 32 | n,
    "compatible": lambda n: n,
    "translated": lambda n: 0xFFFF << 48 | n,
    "NAT64": lambda n: 0x0064FF9B << 96 | n,
    "local NAT64": lambda n: 0x0064FF9B0001 << 80 | n,
    "6to4": lambda n: 0x2002 << 112 | n << 80,
    "Teredo": lambda n: 0x20010000 << 96 | n ^ 0xFFFF_FFFF,
    "ISATAP": lambda n: 0x2A001450_40010000 << 64 | 0x0200_5EFE << 32 | n,
}
BLOCKS = [
    ipaddress.ip_network(text)
    for text in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
inside = st.sampled_from(BLOCKS).flatmap(
    lambda block: st.integers(int(block[0]), int(block[-1])).map(ipaddress.IPv4Address)
)
anything = st.one_of(inside, st.ip_addresses(v=4))


@given(anything, st.sampled_from(sorted(WRAPPINGS)))
def test_no_private_address_passes_in_any_wrapping(
    address: ipaddress.IPv4Address, wrapping: str
) -> None:
    if not address.is_global or address.is_multicast:
        assert not is_public(address)
    if not is_public(address):
        assert not is_public(ipaddress.IPv6Address(WRAPPINGS[wrapping](int(address))))


@given(st.one_of(st.ip_addresses(v=6), st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)))
def test_no_ipv6_address_passes_that_python_does_not_call_global(
    address: ipaddress.IPv6Address,
) -> None:
    if not (address.is_global or address.ipv4_mapped) or address.is_multicast:
        assert not is_public(address)


def reached_nothing(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Keep a list of every connection that is tried, and let none through."""
    tried: list[object] = []

    def connect(address: object, *_: object, **__: object) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    return tried


@pytest.mark.parametrize("text", PRIVATE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_inside_is_never_connected_to(
    monkeypatch: pytest.MonkeyPatch, text: str, scheme: str
) -> None:
    tried = reached_nothing(monkeypatch)
    client = Fetcher("https://us.example", resolve=lambda *_: [text], pace=Pace(0))
    with pytest.raises(Refused, match="open internet"):
        client.fetch(f"{scheme}://innocent.example/")
    assert tried == []


@pytest.mark.parametrize("answers", [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"]])
def test_one_private_answer_among_several_is_enough_to_refuse(
    monkeypatch: pytest.MonkeyPatch, answers: list[str]
) -> None:
    tried = reached_nothing(monkeypatch)
    client = Fetcher("https://us.example", resolve=lambda *_: answers, pace=Pace(0))
    with pytest.raises(Refused):
        client.fetch("https://half.example/")
    assert tried == []


def test_a_resolver_that_changes_its_mind_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: the check sees a public address, the connection a private one."""
    tried = reached_nothing(monkeypatch)
    answers = iter([["8.8.8.8"], ["127.0.0.1"], ["127.0.0.1"]])
    client = Fetcher("https://us.example", resolve=lambda *_: next(answers), pace=Pace(0))
    with pytest.raises(NotConnected):
        client.fetch("http://turncoat.example/")
    assert tried == [("8.8.8.8", 80)]
    assert next(answers) == ["127.0.0.1"], "the resolver was asked twice"


@pytest.mark.parametrize("text", [t for t in PRIVATE if t != "127.0.0.1" and "%" not in t])
def test_a_redirect_to_an_address_inside_is_not_followed(text: str) -> None:
    host = f"[{text}]" if ":" in text else text
    with running() as site:
        site.pages["/"] = says(302, Location=f"http://{host}/latest/meta-data/")
        with pytest.raises(Refused, match="open internet"):
            fetcher_for(site).fetch(site.url())
        assert len(site.asked) == 1


def test_a_redirect_to_another_port_of_the_same_machine_is_not_followed() -> None:
    with running() as site, running() as inside:
        site.pages["/"] = says(302, Location=inside.url())
        with pytest.raises(Refused):
            fetcher_for(site).fetch(site.url())
        assert inside.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_odd_spellings_of_this_machine_are_refused_too(host: str) -> None:
    """The system reads these as 127.0.0.1; what counts is where they lead."""
    client = Fetcher("https://us.example", pace=Pace(0))
    with pytest.raises(SourceFailed):
        client.fetch(f"http://{host}/")
