"""Whatever is brought, the answer is a document or one sentence; no crash, no hang.

`DIRECTORY_TEST_EXAMPLES` says how many examples each reader gets.
"""

import os

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from directory.errors import SourceFailed
from directory.imports.intake.blocks import Document
from directory.imports.intake.propose import propose
from directory.imports.intake.readers import read_bytes
from directory.imports.intake.readers.docx import read_docx
from directory.imports.intake.readers.pdf import read_pdf
from directory.imports.intake.terms import Reader
from tests.imports.intake.files import pdf, with_part, word

EXAMPLES = int(os.environ.get("DIRECTORY_TEST_EXAMPLES", "20"))
# What a failing example prints is large, since a reader holds the vocabularies; that is no failure.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
long = settings(
    max_examples=EXAMPLES,
    deadline=20_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

PDF = pdf("The Lantern Institute runs the Beacon Programme.", "Second page.")
DOCX = word(("Heading", "Heading 1"), ("The Beacon Programme.", "Normal"))
WORDS = st.sampled_from(
    [
        "The",
        "A",
        "Lantern",
        "Institute",
        "runs",
        "the",
        "Beacon",
        "Programme",
        "(BP)",
        ",",
        ".",
        ":",
        ";",
        "‘",
        "’",
        '"',
        "(",
        ")",
        "[",
        "]",
        "«",
        "»",
        "“",
        "”",
        "**",
        "*",
        "#",
        "-",
        "of",
        "and",
        "in",
        "2019",
        "1,200",
        "CHF",
        "50",
        "€",
        "course",
        "courses",
        "are",
        "include",
        "such",
        "as",
        "project",
        "called",
        "titled",
        "network",
        "https://a.example",
        "x@y.example",
        "Established:",
        "Acronym:",
        "AI",
        "С1",
        "TC39",
        "WG",
        "®",
        "–",
        "—",
        "’s",
        "\n",
        "\n\n",
        "\t",
    ]
)
TAGS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<h1>",
        "</h1>",
        "<h2>",
        "<li>",
        "<ul>",
        "</ul>",
        "<table>",
        "<tr>",
        "<th>",
        "<td>",
        "<b>",
        "</b>",
        "<i>",
        "<a>",
        "<br>",
        "<nav>",
        "<script>",
        "</script>",
        "<!--",
        "-->",
        "&amp;",
        "&x;",
        "<![CDATA[",
        "<?xml",
        "<svg>",
        "<template>",
        "<q>",
    ]
)


def changed(raw: bytes, cuts: list[tuple[int, bytes]]) -> bytes:
    """The same file with some bytes written over."""
    made = bytearray(raw)
    for at, piece in cuts:
        start = at % len(made)
        made[start : start + len(piece)] = piece
    return bytes(made)


CUTS = st.lists(st.tuples(st.integers(0, 1 << 20), st.binary(min_size=1, max_size=24)), max_size=6)


def tried(name: str, raw: bytes) -> Document | None:
    try:
        return read_bytes(name, raw)
    except SourceFailed as error:
        assert str(error).strip()
        return None


@long
@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_any_bytes_are_read_or_refused(raw: bytes, name: str) -> None:
    if not raw.startswith((b"%PDF-", b"PK")):
        tried(name, raw)


@long
@given(st.lists(WORDS, max_size=80), st.sampled_from(["a.txt", "a.md"]))
@example(["The", "Lantern", "Institute", "and", "and", "Beacon", "Programme"], "a.txt")
@example(["The", "Lantern", "Institute", "and", "&", "and"], "a.txt")
def test_any_text_is_read_into_proposals(reader: Reader, words: list[str], name: str) -> None:
    document = tried(name, " ".join(words).encode())
    if document is None:
        return
    for proposal in propose(document, reader):
        for value in proposal.values:
            length = len(document.blocks[value.place.block].text)
            assert 0 <= value.place.start <= value.place.end <= length


@long
@given(st.lists(st.one_of(WORDS, TAGS), max_size=80))
def test_any_page_is_read_into_proposals(reader: Reader, words: list[str]) -> None:
    document = tried("a.html", ("<html>" + " ".join(words)).encode())
    if document:
        propose(document, reader)


@long
@given(CUTS, st.integers(0, len(PDF)))
def test_a_damaged_pdf_is_read_or_refused(cuts: list[tuple[int, bytes]], end: int) -> None:
    try:
        read_pdf("a.pdf", changed(PDF, cuts)[: end or len(PDF)])
    except SourceFailed as error:
        assert "a.pdf" in str(error)


@long
@given(CUTS, st.integers(0, len(DOCX)))
def test_a_damaged_word_file_is_read_or_refused(cuts: list[tuple[int, bytes]], end: int) -> None:
    try:
        read_docx("a.docx", changed(DOCX, cuts)[: end or len(DOCX)])
    except SourceFailed as error:
        assert "a.docx" in str(error)


@long
@given(st.lists(st.sampled_from(["<w:p>", "</w:p>", "<w:r>", "<w:t>", "x", "</w:t>", "<w:tbl>", "<w:tr>",
    "<w:tc>", "<w:hyperlink>", '<w:pStyle w:val="x"/>', "<w:pPr>", "&x;"]), max_size=40))  # fmt: skip
def test_a_word_file_with_a_strange_body_is_read_or_refused(parts: list[str]) -> None:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = f'<w:document xmlns:w="{namespace}"><w:body>{"".join(parts)}</w:body></w:document>'
    try:
        read_docx("a.docx", with_part(DOCX, "word/document.xml", body.encode()))
    except SourceFailed as error:
        assert "a.docx" in str(error)
