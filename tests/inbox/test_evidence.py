"""What an address says about where somebody works, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.inbox.evidence import (
    Evidence,
    evidence_of,
    is_free_mail,
    places_of,
    registrable,
    same_house,
)

MATCHES, DIFFERS, FREE, NOTHING = Evidence


@pytest.mark.parametrize(
    ("email", "hosts", "said"),
    [
        ("ana@example.org", ["www.example.org"], MATCHES),
        ("ana@staff.example.org", ["example.org"], MATCHES),
        ("ana@example.org", ["training.portal.example.org"], MATCHES),
        ("ANA@EXAMPLE.ORG", ["Example.Org"], MATCHES),
        ("ana@bücher.example", ["xn--bcher-kva.example"], MATCHES),
        ("ana@example.org", ["example.com", "example.org"], MATCHES),
        ("ana@example.com", ["example.org"], DIFFERS),
        ("ana@example.org.evil.net", ["example.org"], DIFFERS),
        ("ana@notexample.org", ["example.org"], DIFFERS),
        ("ana@health.gov.bd", ["ict.gov.bd"], DIFFERS),
        ("ana@ict.gov.bd", ["www.ict.gov.bd"], MATCHES),
        ("ana@uni.ac.ke", ["other.ac.ke"], DIFFERS),
        ("ana@gmail.com", ["gmail.com"], FREE),
        ("ana@yahoo.co.uk", ["yahoo.co.uk"], FREE),
        ("ana@mail.ru", ["example.org"], FREE),
        ("ana@facebook.com", ["www.facebook.com"], NOTHING),
        ("ana@wordpress.com", ["ngo.wordpress.com"], NOTHING),
        ("ana@example.org", [], NOTHING),
        ("ana@example.org", ["gov.bd", "127.0.0.1", ""], NOTHING),
    ],
)
def test_what_an_address_says(email: str, hosts: list[str], said: Evidence) -> None:
    assert evidence_of(email, hosts) is said


def test_two_of_one_free_mail_are_not_of_one_house() -> None:
    assert same_house("a@example.org", "b@staff.example.org")
    assert not same_house("a@gmail.com", "b@gmail.com")
    assert not same_house("a@gov.bd", "b@gov.bd")


def test_the_hosts_of_an_organisation_are_read_from_its_declared_fields() -> None:
    profile = {"website": "https://www.example.org/en", "contact_email": "info@mail.example.net"}
    assert set(places_of(profile)) == {"www.example.org", "mail.example.net"}
    assert places_of({}) == []


labels = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
hosts = st.lists(labels, min_size=2, max_size=5).map(".".join)


@given(host=hosts, below=labels)
def test_a_name_below_a_registered_domain_belongs_to_it(host: str, below: str) -> None:
    base = registrable(host)
    if base is not None:
        assert registrable(f"{below}.{host}") == base
        assert host == base or host.endswith(f".{base}")


@given(domain=hosts, others=st.lists(hosts, max_size=4))
def test_a_match_is_never_free_mail_and_always_a_shared_domain(
    domain: str, others: list[str]
) -> None:
    if evidence_of(f"a@{domain}", others) is MATCHES:
        assert not is_free_mail(domain)
        assert registrable(domain) in {registrable(o) for o in others}
