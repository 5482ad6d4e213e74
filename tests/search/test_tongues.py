"""Somebody searches, in any of six languages, for what is written in the same language."""

from collections.abc import Iterator

import pytest

from directory.db import log_change
from directory.entries.translations import EntryTranslation
from directory.search.words import fold, stem, words_of
from tests.search.conftest import Library, Reader

SUMMARIES = {
    "fr": "Des formations gratuites pour les réseaux régionaux de femmes fonctionnaires.",
    "es": "Formación gratuita y capacitación para las jóvenes funcionarias públicas.",
    "ru": "Бесплатное обучение для учёных и государственных служащих стран Азии.",
    "ar": "دورات تدريبية مجانية للموظفين الحكوميين في إدارة المستشفى والشبكات.",
    "zh": "为卫生部门的公务员举办的免费网络安全研讨会，介绍如何保护患者数据。",
    "en": "Free courses teaching the women of regional networks to protect patients' data.",
}


@pytest.fixture(scope="module")
def polyglot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Somebody who searches where one entry is translated, and another speaks of other things."""
    library = Library(tmp_path_factory.mktemp("tongues"))
    key = library.training("everywhere", "Everywhere", summary=SUMMARIES["en"])
    library.training("elsewhere", "Elsewhere", summary="Kites, and how they fly in the wind.")
    library.organisation(
        "red", "Red de Investigadores Digitales", summary="Una red.", text_language="es"
    )
    with library.db.writing() as session:
        for language in SUMMARIES.keys() - {"en"}:
            texts = {"summary": SUMMARIES[language]}
            made = EntryTranslation(
                entry_id=key,
                language=language,
                version=1,
                texts=texts,
                made_from=texts,
                made_by="curator",
            )
            session.add(made)
        log_change(session, key)
    somebody = Reader(library)
    yield somebody
    somebody.service.close()
    library.engine.dispose()


@pytest.mark.parametrize(
    "text",
    [
        "formation gratuite",
        "RÉSEAU REGIONAL",
        "fonctionnaire femme",
        "réseau régional de formation",
        "formación gratuito",
        "capacitar funcionarios",
        "joven funcionario público",
        "capacitaciones",
        "бесплатные обучения",
        "ученый",
        "ещё учёный",
        "государственная служащая",
        "в странах Азии",
        "دورة مجاني",
        "الدورات التدريبية",
        "موظف حكومي",
        "ادارة مستشفي",
        "إِدَارَةُ المُسْتَشْفَى",
        "شبكة",
        "وشبكات",
        "公务员",
        "网络安全研讨会",
        "卫生部门公务员网络安全",
        "保护患者的数据",
        "我想参加免费的研讨会",
        "course for women",
        "patient data protection",
    ],
)
def test_words_of_a_language_are_found_whatever_their_form(polyglot: Reader, text: str) -> None:
    results = polyglot.asks(text)
    assert results.hits[0].card.slug == "everywhere"
    assert "elsewhere" not in [hit.card.slug for hit in results.hits]


@pytest.mark.parametrize("text", ["gratuita", "régional", "دورة", "обучения", "公务员"])
def test_a_form_of_a_known_word_is_no_mistake(polyglot: Reader, text: str) -> None:
    assert polyglot.asks(text).corrected is None


@pytest.mark.parametrize("text", ["investigador digital", "RED DE INVESTIGADORAS", "redes"])
def test_a_name_is_found_by_other_forms_of_its_words(polyglot: Reader, text: str) -> None:
    assert polyglot.finds(text)[0] == "red"


@pytest.mark.parametrize(
    "text", ["患者医院", "卫星", "больница", "مطار", "hospitalier", "aeropuerto"]
)
def test_words_that_nobody_wrote_find_nothing(polyglot: Reader, text: str) -> None:
    assert polyglot.finds(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("حكومة", "حكومات"),
        ("سياسة", "السياسات"),
        ("دبلوماسي", "للدبلوماسيين"),
        ("مجانية", "مجاني"),
        ("مدرسه", "المدرسة"),
        ("إدارة", "اداره"),
        ("ёлка", "елки"),
    ],
)
def test_forms_of_a_word_are_one_word(one: str, other: str) -> None:
    assert [stem(word) for word in words_of(one)] == [stem(word) for word in words_of(other)]


def test_digits_are_digits_in_every_script() -> None:
    assert fold("٢٠٣٠") == fold("۲۰۳۰") == "2030"
