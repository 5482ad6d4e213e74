"""The client that fetches: what it follows, how long it waits, whom it trusts."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from directory.entries.fields import Url
from directory.errors import SourceFailed
from directory.imports.fetch import REDIRECTS, Fetcher, Pace
from directory.imports.guard import NotConnected, Refused
from tests.imports.sites import (
    Site,
    certificate,
    fetcher_for,
    running,
    says,
    sends_on,
    to_loopback,
)


def test_a_page_arrives_with_its_headers_and_its_final_address() -> None:
    with running() as site:
        site.pages["/old"] = sends_on("/new", 301)
        site.pages["/new"] = says(200, b"Welcome", Content_Type="text/plain")
        answer = fetcher_for(site).fetch(site.url("/old#part"))
        assert (answer.status, answer.body) == (200, b"Welcome")
        assert answer.url == site.url("/new#part")
        assert answer.headers["content-type"] == "text/plain"
        assert [asked[1] for asked in site.asked] == ["site.example"] * 2
        assert "https://directory.example/about" in site.asked[0][3]["user-agent"]


def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with running() as site:
        site.pages["/"] = says(200)
        assert fetcher_for(site).fetch(site.url()).status == 200


def test_a_status_that_is_no_success_is_an_answer_too() -> None:
    with running() as site:
        assert fetcher_for(site).fetch(site.url("/nothing")).status == 404


@pytest.mark.parametrize(
    "url",
    [
        "ftp://site.example/",
        "file:///etc/passwd",
        "//site.example/",
        "site.example",
        "http://",
        "http:///path",
        "http://[::1/",
        "http://site.example:99999/",
        "http://\u0000.example/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        Fetcher("https://us.example", resolve=to_loopback, pace=Pace(0)).fetch(url)


def unknown(host: str, port: int) -> list[str]:
    raise OSError("no such name")


LOST = Fetcher("https://us.example", resolve=unknown, pace=Pace(0))


@given(st.from_regex(TypeAdapter(Url).json_schema()["pattern"]).map(str.strip))
def test_every_address_that_a_form_takes_gives_one_sentence(url: str) -> None:
    with pytest.raises(SourceFailed) as raised:
        LOST.fetch(url)
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)


def test_a_name_and_password_in_an_address_are_sent_nowhere() -> None:
    with running() as site:
        address = site.url("/in").replace("://", "://ada:secret@")
        site.pages |= {"/": sends_on(address), "/in": says(200)}
        for url in (address, site.url()):
            with pytest.raises(Refused, match="password"):
                fetcher_for(site).fetch(url)
        assert [path for *_, path, _ in site.asked] == ["/"]


@pytest.mark.parametrize("location", ["ftp://x.example/", "mailto:a@x.example", "http://[x"])
def test_a_redirect_to_what_is_no_plain_web_address_is_not_followed(location: str) -> None:
    with running() as site:
        site.pages["/"] = sends_on(location)
        with pytest.raises(SourceFailed):
            fetcher_for(site).fetch(site.url())
        assert len(site.asked) == 1


def test_a_circle_of_redirects_ends() -> None:
    with running() as site:
        site.pages["/a"], site.pages["/b"] = sends_on("/b"), sends_on("/a")
        with pytest.raises(SourceFailed, match="again and again"):
            fetcher_for(site).fetch(site.url("/a"))
        assert len(site.asked) == REDIRECTS + 1


@pytest.mark.parametrize("declared", [True, False])
def test_a_huge_body_is_not_read_to_the_end(declared: bool) -> None:
    sent = 0

    def pour(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        if declared:
            request.send_header("Content-Length", str(10**12))
        request.end_headers()
        while not site.closing.is_set():
            sent += request.wfile.write(b"x" * 65536)

    with running() as site:
        site.pages["/"] = pour
        with pytest.raises(SourceFailed, match="more than 100,000 bytes"):
            fetcher_for(site).fetch(site.url(), largest=100_000)
    assert sent < 50_000_000


def test_a_body_that_is_packed_is_not_unpacked() -> None:
    with running() as site:
        site.pages["/"] = says(200, b"\x1f\x8b", Content_Encoding="gzip")
        with pytest.raises(SourceFailed, match="packed"):
            fetcher_for(site).fetch(site.url())


def _drips_a_body(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    while True:
        request.wfile.write(b"x")
        request.wfile.flush()
        time.sleep(0.02)


def _drips_headers(request: BaseHTTPRequestHandler) -> None:
    while True:
        request.wfile.write(b"HTTP/1.1 102 Wait\r\n\r\n")
        time.sleep(0.02)


def _is_silent(request: BaseHTTPRequestHandler) -> None:
    request.connection.settimeout(5)
    request.rfile.read(1)


@pytest.mark.parametrize("reply", [_drips_a_body, _drips_headers, _is_silent])
def test_a_slow_site_is_left_when_the_time_is_over(reply: object) -> None:
    with running() as site:
        site.pages["/"] = reply  # type: ignore[assignment]
        began = time.monotonic()
        with pytest.raises(SourceFailed, match=r"0\.3 seconds"):
            fetcher_for(site, seconds=0.3).fetch(site.url())
        assert time.monotonic() - began < 2


def test_a_resolver_that_hangs_is_left_when_the_time_is_over() -> None:
    released = threading.Event()

    def hangs(host: str, port: int) -> list[str]:
        released.wait(5)
        return ["127.0.0.1"]

    with pytest.raises(NotConnected, match="in time"):
        Fetcher("https://us.example", resolve=hangs, pace=Pace(0), seconds=0.2).fetch(
            "http://site.example/"
        )
    released.set()


def test_what_is_not_http_is_one_sentence() -> None:
    def greet(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

    with running() as site:
        site.pages["/"] = greet
        with pytest.raises(SourceFailed, match="not HTTP"):
            fetcher_for(site).fetch(site.url())


@pytest.fixture(scope="module")
def fuzzed() -> Iterator[tuple[Site, Fetcher]]:
    with running() as site:
        yield site, fetcher_for(site, resolve=lambda *_: ["127.0.0.1"])


somewhere = st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40)


@given(
    st.one_of(
        somewhere,
        somewhere.map(lambda text: "http://" + text),
        st.from_regex(r"(https?|mailto|javascript)?:?/{0,3}[\[\]@:%a-z0-9.]{0,20}", fullmatch=True),
    )
)
def test_wherever_a_site_sends_on_to_there_is_an_answer_or_one_sentence(
    fuzzed: tuple[Site, Fetcher], location: str
) -> None:
    head = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
    _one_sentence_at_most(*fuzzed, head.encode("latin-1"))


@given(st.binary(max_size=60), st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n"]))
def test_whatever_a_site_answers_there_is_an_answer_or_one_sentence(
    fuzzed: tuple[Site, Fetcher], noise: bytes, start: bytes
) -> None:
    _one_sentence_at_most(*fuzzed, start + noise)


def _one_sentence_at_most(site: Site, client: Fetcher, raw: bytes) -> None:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(raw)

    site.pages["/"] = reply
    try:
        client.fetch(site.url())
    except SourceFailed as error:
        assert str(error).endswith(".") and "\n" not in str(error)


def test_nobody_there_is_one_sentence() -> None:
    with running() as site:
        client, url = fetcher_for(site), site.url()
    with pytest.raises(NotConnected, match=r"Nobody answers at site\.example\."):
        client.fetch(url)


def test_of_several_addresses_one_that_answers_is_enough() -> None:
    with running() as site:
        site.pages["/"] = says(200)
        port = site.port

        def allowed(address: object, asked: int) -> bool:
            return asked == port

        client = fetcher_for(site, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"], allowed=allowed)
        assert client.fetch(site.url()).status == 200


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown, file = certificate(tmp_path, "site.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with running(shown) as site:
        site.pages["/"] = says(200)
        with pytest.raises(NotConnected, match=r"certificate of site\.example cannot be trusted"):
            fetcher_for(site).fetch(site.url())
        assert site.asked == []


def test_a_certificate_is_checked_against_the_name_in_the_address(tmp_path: Path) -> None:
    shown, file = certificate(tmp_path, "site.example")
    with running(shown) as site:
        site.pages["/"] = says(200)
        client = fetcher_for(site, authority=file)
        assert client.fetch(site.url()).status == 200
        with pytest.raises(NotConnected, match="cannot be trusted"):
            client.fetch(site.url(host="other.example"))


def test_a_redirect_never_gives_up_encryption(tmp_path: Path) -> None:
    shown, file = certificate(tmp_path, "site.example")
    with running(shown) as site, running() as plain:
        site.pages["/"] = sends_on(plain.url())
        with pytest.raises(Refused, match="from https to http"):
            fetcher_for(site, plain, authority=file).fetch(site.url())
        assert plain.asked == []


class Clock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_two_requests_to_one_host_are_a_second_apart_and_others_do_not_wait() -> None:
    clock = Clock()
    pace = Pace(1.0, clock, clock.sleep)
    turns = []
    for host in ("a", "a", "b", "a", "b"):
        pace.wait(host)
        turns.append((host, clock.now))
    assert turns == [("a", 100.0), ("a", 101.0), ("b", 101.0), ("a", 102.0), ("b", 102.0)]


def test_redirects_keep_the_distance_too_and_waiting_costs_the_site_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    monkeypatch.setattr("directory.imports.guard.monotonic", clock)
    with running() as site:
        site.pages["/"] = sends_on("/next")
        site.pages["/next"] = says(200)
        client = fetcher_for(site, pace=Pace(60.0, clock, clock.sleep), seconds=5.0)
        assert client.fetch(site.url()).status == 200
    assert clock.now == 160.0
