"""What a curator brings, in any kind of file, and what is broken, huge or made to do harm."""

import io
import time
import zipfile
from pathlib import Path

import pytest

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Document, Form
from directory.imports.intake.readers import read_bytes, read_file, read_url
from directory.imports.intake.readers.pdf import read_pdf
from tests.imports.intake.files import pdf, with_part, word
from tests.imports.sites import fetcher_for, running, says

SAID = "The Lantern Institute runs the Beacon Programme."


def texts(document: Document) -> list[str]:
    return [b.text for b in document.blocks]


def refused(name: str, raw: bytes) -> str:
    start = time.monotonic()
    with pytest.raises(SourceFailed) as caught:
        read_bytes(name, raw)
    assert time.monotonic() - start < 30
    assert name in str(caught.value)
    return str(caught.value)


def test_a_line_of_a_text_is_cited_by_its_number() -> None:
    document = read_bytes("a.txt", b"A heading\n\nA sentence that ends.\n\n- an item\n")
    assert [(b.text, b.form, b.locator) for b in document.blocks] == [
        ("A heading", Form.HEADING, "line 1"),
        ("A sentence that ends.", Form.PARAGRAPH, "line 3"),
        ("an item", Form.ITEM, "line 5"),
    ]


def test_lines_broken_for_a_narrow_page_are_one_paragraph() -> None:
    text = (
        "This sentence was broken by a mail program after seventy\n"
        "letters, as they used to do, and goes on here.\nThis one is another."
    )
    assert texts(read_bytes("a.txt", text.encode())) == [
        "This sentence was broken by a mail program after seventy letters, as they used to do, and "
        "goes on here.",
        "This one is another.",
    ]


def test_markdown_keeps_headings_items_and_what_stands_out() -> None:
    document = read_bytes(
        "a.md", b"# Name\n\nThe **Beacon** and *Buoy* [site](https://a.example).\n\n* one\n"
    )
    heading, paragraph, item = document.blocks
    assert (heading.form, heading.level, heading.locator) == (Form.HEADING, 1, "line 1")
    looks = {paragraph.text[s.start : s.end]: s.look for s in paragraph.spans}
    assert looks == {"Beacon": "bold", "Buoy": "italic", "site": "link"}
    assert item.form is Form.ITEM


def test_a_page_is_read_without_menus_and_scripts() -> None:
    page = b"<html><body><nav>Menu</nav><script>x()</script><h2>News</h2><p>A <b>bold</b> word<br>and more</p><style>p{}</style></body></html>"
    document = read_bytes("a.html", page)
    assert texts(document) == ["News", "A bold word", "and more"]
    assert document.blocks[1].spans[0].look == "bold"


def test_a_word_file_gives_headings_paragraphs_and_lines_of_a_table() -> None:
    document = read_bytes("a.docx", word(("Who we are", "Heading 1"), (SAID, "Normal")))
    assert [(b.text, b.form) for b in document.blocks] == [
        ("Who we are", Form.HEADING),
        (SAID, Form.PARAGRAPH),
        ("Established: 2003", Form.CARD),
    ]
    assert document.blocks[1].locator == "paragraph 2"


def test_a_pdf_is_cited_by_page() -> None:
    document = read_bytes("a.pdf", pdf(SAID, "Another page says more about it."))
    assert texts(document) == [SAID, "Another page says more about it."]
    assert document.blocks[1].locator.startswith("page 2")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1"])
def test_any_common_encoding_is_read(encoding: str) -> None:
    said = "L’académie « Été numérique » a été créée à Genève.".replace("’", "'")
    many = "\n".join([said] * 4)
    assert texts(read_bytes("a.txt", many.encode(encoding)))[0] == said


def test_a_page_is_read_in_the_encoding_that_it_declares() -> None:
    page = '<html><head><meta charset="windows-1251"></head><body><p>Школа сетей</p></body></html>'
    assert texts(read_bytes("a.html", page.encode("cp1251"))) == ["Школа сетей"]


def test_letters_that_only_look_like_others_are_what_was_meant() -> None:
    said = "Action lines \u04211, \u0421\u0421 and \u0410I; Москва, the Ne\u00adt\u200bwork"
    assert texts(read_bytes("a.txt", f"{said}.".encode())) == [
        "Action lines C1, СС and AI; Москва, the Network."
    ]


@pytest.mark.parametrize("raw", [b"", b"  \n\n", b"%PDF-1.4 nothing", b"PK\x03\x04nothing"])
@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.docx", "a.html"])
def test_an_empty_or_broken_file_is_refused_by_name(name: str, raw: bytes) -> None:
    refused(name, raw)


def test_a_picture_is_no_text() -> None:
    refused("a.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.98])
@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_a_file_that_is_cut_short_is_refused_or_read_as_far_as_it_goes(
    name: str, share: float
) -> None:
    whole = pdf(SAID) if name == "a.pdf" else word((SAID, "Normal"))
    try:
        assert read_bytes(name, whole[: int(len(whole) * share)]).blocks
    except SourceFailed as error:
        assert name in str(error)


def test_a_pdf_with_a_password_says_what_to_do() -> None:
    assert "without" in refused("a.pdf", pdf(SAID, password="secret"))


@pytest.mark.parametrize("name", ["/Fl", "/Nothing"])
def test_a_pdf_packed_in_a_way_that_nobody_knows_is_called_damaged(name: str) -> None:
    """Also where the library says so with an error that is none of its family."""
    raw = pdf(SAID).replace(b"/FlateDecode", name.ljust(len("/FlateDecode")).encode())
    with pytest.raises(SourceFailed, match="page 1: this PDF file is damaged"):
        read_pdf("a.pdf", raw)


def test_a_pdf_whose_pages_lead_in_circles_is_given_up() -> None:
    raw = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2/Parent 2 0 R>>endobj\n"
        b"trailer<</Root 1 0 R/Size 3>>\n%%EOF"
    )
    refused("a.pdf", raw)


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = b"<w:document>" + b" " * (70 * 1024 * 1024)
    assert "60 MB" in refused("a.docx", with_part(word(), "word/document.xml", bomb))


@pytest.mark.parametrize(
    "entity",
    [
        b'<!ENTITY x SYSTEM "file:///etc/passwd">',
        b'<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY x "&b;&b;&b;&b;">',
    ],
)
def test_a_word_file_that_declares_entities_is_refused(entity: bytes) -> None:
    part = b'<?xml version="1.0"?><!DOCTYPE d [' + entity + b"]><d>&x;</d>"
    said = refused("a.docx", with_part(word(), "word/document.xml", part))
    assert "word/document.xml" in said


def test_an_archive_that_is_no_word_file_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("notes.txt", SAID)
    assert "no Word file" in refused("a.docx", made.getvalue())


def test_a_page_that_is_nested_ten_thousand_deep_is_read_or_refused_in_time() -> None:
    start = time.monotonic()
    page = b"<html><body>" + b"<div>" * 10_000 + SAID.encode()
    try:
        assert SAID in texts(read_bytes("a.html", page))
    except SourceFailed as error:
        assert "a.html" in str(error)
    assert time.monotonic() - start < 10


def test_entities_of_a_page_name_no_file() -> None:
    page = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><body><p>See &x;</p></body></html>'
    assert "root:" not in " ".join(texts(read_bytes("a.html", page)))


def test_markdown_that_nests_without_end_is_read_or_refused_in_time() -> None:
    start = time.monotonic()
    for raw in (b"> " * 5000 + b"x", b"*a " * 20_000, b"[" * 20_000, b"- " * 3000 + b"x"):
        try:
            read_bytes("a.md", raw)
        except SourceFailed as error:
            assert "a.md" in str(error)
    assert time.monotonic() - start < 20


def test_what_is_too_large_is_refused_with_its_limit() -> None:
    assert "8 MB" in refused("a.txt", b"x" * (8 * 1024 * 1024 + 1))
    assert "1,000,000" in refused("a.txt", b"word " * 500_000)
    assert "line 1" in refused("a.txt", b"word " * 10_000)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceFailed, match=r"none\.txt cannot be read"):
        read_file(tmp_path / "none.txt")


def test_an_address_is_read_through_the_guarded_client() -> None:
    with running() as site:
        site.pages["/"] = says(
            200, f"<html><p>{SAID}</p></html>".encode(), Content_Type="text/html"
        )
        assert texts(read_url(fetcher_for(site), site.url())) == [SAID]
        site.pages["/"] = says(404)
        with pytest.raises(SourceFailed, match="answered 404"):
            read_url(fetcher_for(site), site.url())
