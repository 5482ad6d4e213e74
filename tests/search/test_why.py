"""A result says why it was found: marks in its texts, and the terms it is filed under."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.db import log_change
from directory.entries.translations import EntryTranslation
from directory.languages import reading
from directory.search.marks import AROUND, Part, Seeking, Sought, parts, piece
from directory.search.results import Hit
from directory.search.told import told
from directory.search.words import stem
from tests.search.conftest import Library, Reader, stock

HOSTILE = 'Attack <script>alert(1)</script> on "hospitals" & <ul class="facts"> clinics'


def drawn(said: list[Part] | None) -> str | None:
    """Return a text with its marks in brackets."""
    return "".join(f"[{text}]" if marked else text for text, marked in said) if said else None


def reasons(hit: Hit) -> list[tuple[str, str | None]]:
    assert hit.why
    return [(reason.name, drawn(reason.parts)) for reason in hit.why.reasons]


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    library = Library(tmp_path_factory.mktemp("why"))
    stock(library)
    library.training("clinics", HOSTILE, summary=HOSTILE, description=f"{HOSTILE}. " * 20)
    key = library.training(
        "long",
        "Something else",
        summary="It says little.",
        description="Many words come first. " * 30 + "Then a zebra drinks. " + "More follow. " * 30,
    )
    with library.db.writing() as session:
        for language, text in {
            "fr": "Des formations gratuites pour les régions.",
            "ar": "دورات مجانية في إِدَارَة المستشفى للموظفين.",
            "zh": "为公务员举办的免费网络安全研讨会。",
        }.items():
            session.add(
                EntryTranslation(
                    entry_id=key,
                    language=language,
                    version=1,
                    texts={"description": text},
                    made_from={},
                    made_by="curator",
                )
            )
        log_change(session, key)
    somebody = Reader(library)
    yield somebody
    somebody.service.close()
    library.engine.dispose()


def first(visitor: Reader, text: str) -> Hit:
    return visitor.asks(text).hits[0]


def test_words_are_marked_in_title_and_summary_by_their_stem(visitor: Reader) -> None:
    hit = first(visitor, "volunteer assist builder")
    assert hit.why
    assert drawn(hit.why.title) == "CyberPeace [Builders]"
    assert str(drawn(hit.why.summary)).startswith("[Volunteers] from companies give")
    assert reasons(hit) == []


def test_the_beginning_of_a_word_marks_the_word(visitor: Reader) -> None:
    hit = first(visitor, "cyberp")
    assert hit.why and str(drawn(hit.why.title)).startswith("[CyberPeace]")


def test_what_was_meant_is_marked_after_a_slip(visitor: Reader) -> None:
    hit = first(visitor, "algorthms")
    assert hit.why and drawn(hit.why.title) == "How [algorithms] learn"


def test_another_name_of_the_term_is_marked(visitor: Reader) -> None:
    hit = first(visitor, "artificial intelligence ministries")
    assert hit.why and drawn(hit.why.title) == "[AI] in [ministries]"
    assert hit.why and "[machine learning]" in str(drawn(hit.why.summary))


def test_the_term_it_is_filed_under_is_named(visitor: Reader) -> None:
    assert reasons(first(visitor, "spam")) == [("action_line", "[Confidence and security]")]
    found = {hit.card.slug: reasons(hit) for hit in visitor.asks("africa").hits}
    assert ("region", "[Africa]") in found["shops-online"]


def test_another_name_is_shown_where_it_is_not_in_the_title(visitor: Reader) -> None:
    assert reasons(first(visitor, "cpi")) == [("aliases", "[CPI]")]


def test_a_piece_of_a_long_text_is_shown(visitor: Reader) -> None:
    ((name, text),) = reasons(first(visitor, "zebra"))
    assert name == "description"
    assert text and "[zebra]" in text and text.startswith("…") and text.endswith("…")
    assert len(text) <= AROUND + 4


@pytest.mark.parametrize(
    ("text", "language", "marked"),
    [
        ("formation gratuite", "fr", "[formations gratuites]"),
        ("ادارة", "ar", "[إِدَارَة]"),
        ("公务员", "zh", "[公务员]"),
    ],
)
def test_a_translation_that_matched_is_shown_in_its_language(
    visitor: Reader, text: str, language: str, marked: str
) -> None:
    for reader in ("en", language):
        with reading(reader):
            hit = first(visitor, text)
        assert hit.card.slug == "long" and hit.why
        (reason,) = hit.why.reasons
        assert reason.language == language
        assert marked in str(drawn(reason.parts))


def test_without_words_nothing_is_explained(visitor: Reader) -> None:
    assert all(hit.why is None for hit in visitor.asks().hits)


def test_hostile_text_stays_text(visitor: Reader) -> None:
    hit = first(visitor, "script clinics zzz")
    assert hit.why and hit.why.title and hit.why.summary
    for text in ("clinics", "script", "alert", "facts", "ul", "amp", "lt"):
        hit = first(visitor, text) if visitor.asks(text).total else hit
        card, why = hit.card, hit.why
        assert why
        page = told('<p><bdi>x</bdi></p><ul class="facts"></ul>', card, why)
        assert "<script" not in page
        assert page.count('<ul class="facts">') == 1


@settings(max_examples=80)
@given(st.text(max_size=120), st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4))
def test_marks_never_change_a_text(text: str, words: list[str]) -> None:
    units = [Sought(((w,),), w, ((stem(w), "b"),), (), needed=True) for w in words]
    spans, _ = Seeking(tuple(units)).read(text)
    assert "".join(part for part, _ in parts(text, spans)) == text
    assert [text[a:b] for a, b in spans] == [part for part, marked in parts(text, spans) if marked]
    if spans:
        shown = "".join(part for part, _ in piece(text * 3, spans))
        assert shown.strip("…") in text * 3
        assert any(marked for _, marked in piece(text * 3, spans))
