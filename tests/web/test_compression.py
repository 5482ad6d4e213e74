"""Answers travel packed where that helps, and whoever cannot unpack them gets them plain."""

import gzip
import zlib

import pytest
from litestar.testing import TestClient

from directory.web.compression import ENCODINGS, accepted
from directory.web.csrf import masked, unmasked
from tests.api.conftest import Client
from tests.people import form_in


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("br;q=nonsense, gzip", "gzip"),
        ("*", "br"),
        ("*;q=0", None),
        ("identity", None),
        ("brown, gzipped", None),
        ("", None),
    ],
)
def test_the_client_says_what_it_can_unpack(header: str, chosen: str | None) -> None:
    assert accepted(header, ("br", "gzip")) == chosen


def raw(
    site: Client, address: str, encoding: str, method: str = "GET"
) -> tuple[bytes, dict[str, str]]:
    with site.stream(method, address, headers={"Accept-Encoding": encoding}) as answer:
        return b"".join(answer.iter_raw()), dict(answer.headers)


@pytest.mark.parametrize(
    "address", ["/", "/search", "/nowhere", "/api/v1/trainings", "/sitemap.xml"]
)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_is_packed(site: Client, address: str, encoding: str) -> None:
    plain, as_is = raw(site, address, "identity")
    packed, headers = raw(site, address, encoding)
    assert headers["content-encoding"] == encoding
    assert len(packed) < len(plain) * 0.6
    assert "content-encoding" not in as_is
    # A cache on the way must not give what is packed to whoever cannot unpack it.
    assert "Accept-Encoding" in headers["vary"] and "Accept-Encoding" in as_is["vary"]


def test_what_was_packed_is_what_was_written(site: Client) -> None:
    packed, _ = raw(site, "/trainings", "gzip")
    assert gzip.decompress(packed) == raw(site, "/trainings", "identity")[0]


def test_what_is_packed_inside_is_not_packed_again(site: Client) -> None:
    for address in ("/search.xlsx?q=cyber", "/match/briefing.pdf?entry=training/ai-campus"):
        _, headers = raw(site, address, "gzip, br")
        assert "content-encoding" not in headers


def test_a_table_leaves_piece_by_piece(site: Client) -> None:
    unpack = zlib.decompressobj(wbits=31)
    with site.stream("GET", "/search.csv", headers={"Accept-Encoding": "gzip"}) as answer:
        assert "content-length" not in answer.headers
        text = b"".join(unpack.decompress(piece) for piece in answer.iter_raw())
    assert text.count(b"\r\n") > 100


@pytest.mark.parametrize("address", ["/", "/static/style.css"])
def test_the_head_tells_the_size_that_would_follow(site: Client, address: str) -> None:
    body, _ = raw(site, address, "gzip")
    nothing, headers = raw(site, address, "gzip", "HEAD")
    assert nothing == b""
    assert int(headers["content-length"]) == len(body)


def test_who_has_it_already_gets_nothing_again(site: Client) -> None:
    for address in ("/static/style.css", "/search.csv", "/sw.js"):
        tag = site.get(address).headers["etag"]
        answer = site.get(address, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"})
        assert (answer.status_code, answer.content) == (304, b"")
        assert "Accept-Encoding" in answer.headers["vary"]


def test_a_file_is_kept_for_a_year_under_the_address_that_names_its_content(site: Client) -> None:
    page = site.get("/").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert site.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert site.get("/static/style.css?v=old").headers["cache-control"] == "no-cache"
    assert site.get("/static/style.css").headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("name", ["no.css", "..%2fpage.py", "%2e%2e", "__init__.py", "style"])
def test_no_other_file_is_given_out(site: Client, name: str) -> None:
    assert site.get(f"/static/{name}").status_code == 404


def test_a_token_looks_different_in_each_answer_and_is_the_same(desk: TestClient) -> None:  # type: ignore[type-arg]
    first, second = (
        form_in(desk.get("/account/sign-in").text, "/account/sign-in")["_csrf_token"]
        for _ in range(2)
    )
    assert first != second
    assert unmasked(first) == unmasked(second) == desk.cookies["csrftoken"]
    for token in (first, second, desk.cookies["csrftoken"]):
        answer = desk.post("/account/sign-in", data={"_csrf_token": token, "email": "nobody"})
        assert answer.status_code == 422
    for forged in (masked("00" * 64), first[:-8], "é" * 172, "=" * 172, ""):
        answer = desk.post("/account/sign-in", data={"_csrf_token": forged, "email": "nobody"})
        assert answer.status_code == 403
