"""Somebody searches in their own language for what is written in English."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from directory.db import Database
from directory.search.query import FACETS, SearchQuery
from directory.search.service import SearchService
from directory.search.words import STEMMERS, analyser, fold, partly_stemmed, stem, words_of

SEVERAL_WAYS = {"training_kind", "programme_kind", "kind"}
"""Who asks for a kind of thing does not ask who merely offers such things."""


@pytest.fixture(scope="module")
def service(
    seeded_engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SearchService]:
    found = SearchService(Database(seeded_engine), tmp_path_factory.mktemp("index"))
    yield found
    found.close()


def filed(service: SearchService, **filters: str) -> set[object]:
    """Return every entry that is filed under these terms."""
    return set(service.ids(SearchQuery(filters={name: (v,) for name, v in filters.items()})))


@pytest.mark.parametrize(
    ("text", "parameter", "code"),
    [
        ("renforcement des capacités", "action_line", "C4"),
        ("RENFORCEMENT DES CAPACITES", "action_line", "C4"),
        ("cybersécurité", "policy_area", "cybersecurity"),
        ("formation en cybersécurité", "policy_area", "cybersecurity"),
        ("intelligence artificielle", "policy_area", "artificial-intelligence"),
        ("droits de l'homme", "policy_area", "human-rights"),
        ("gouvernance de l’Internet", "policy_area", "interdisciplinary-approaches"),
        ("formation pour diplomates", "audience", "diplomats"),
        ("creación de capacidad", "action_line", "C4"),
        ("ciberseguridad", "policy_area", "cybersecurity"),
        ("inteligencia artificial", "policy_area", "artificial-intelligence"),
        ("protección de datos", "policy_area", "privacy-and-data-protection"),
        ("formación sobre derechos humanos", "policy_area", "human-rights"),
        ("能力建设", "action_line", "C4"),
        ("网络安全", "policy_area", "cybersecurity"),
        ("网络安全培训", "policy_area", "cybersecurity"),
        ("我想找网络安全的培训", "policy_area", "cybersecurity"),
        ("人工智能课程", "policy_area", "artificial-intelligence"),
        ("外交官", "audience", "diplomats"),
        ("наращивание потенциала", "action_line", "C4"),
        ("кибербезопасность", "policy_area", "cybersecurity"),
        ("курсы по кибербезопасности", "policy_area", "cybersecurity"),
        ("обучение искусственному интеллекту", "policy_area", "artificial-intelligence"),
        ("для дипломатов", "audience", "diplomats"),
        ("بناء القدرات", "action_line", "C4"),
        ("الأمن السيبراني", "policy_area", "cybersecurity"),
        ("أمن سيبراني", "policy_area", "cybersecurity"),
        ("ٱلْأَمْنُ ٱلسِّيبِرَانِيّ", "policy_area", "cybersecurity"),
        ("تدريب في الأمن السيبراني", "policy_area", "cybersecurity"),
        ("الذكاء الاصطناعي", "policy_area", "artificial-intelligence"),
        ("للدبلوماسيين", "audience", "diplomats"),
    ],
)
def test_a_question_finds_what_is_filed_under_the_term(
    service: SearchService, text: str, parameter: str, code: str
) -> None:
    wanted = filed(service, **{parameter: code})
    found = service.search(SearchQuery(q=text))
    assert wanted and wanted <= set(service.ids(SearchQuery(q=text)))
    assert not found.relaxed
    assert {service.ids(SearchQuery(q=text))[0]} <= wanted


@pytest.mark.parametrize(
    "text",
    [
        "网络安全免费课程",
        "бесплатные курсы по кибербезопасности",
        "دورات مجانية في الأمن السيبراني",
        "cours gratuits de cybersécurité",
        "cursos gratuitos de ciberseguridad",
    ],
)
def test_two_conditions_put_first_what_meets_both(service: SearchService, text: str) -> None:
    both = filed(service, policy_area="cybersecurity") & filed(service, cost="free")
    assert service.ids(SearchQuery(q=text))[0] in both


def test_every_label_finds_all_that_is_filed_under_it(service: SearchService) -> None:
    missed = []
    words = service.vocabularies
    for facet in FACETS.values():
        if not facet.vocabulary or facet.name in SEVERAL_WAYS | {"country", "language"}:
            continue
        for code, term in words.of(facet.vocabulary).items():
            if wanted := filed(service, **{facet.name: code}):
                missed += [
                    f"{facet.name} {code} {language}: {label}"
                    for language, label in term.labels.items()
                    if not wanted <= set(service.ids(SearchQuery(q=label)))
                ]
    assert missed == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("кибербезопасность", "кибербезопасности"),
        ("бесплатный", "бесплатные"),
        ("дипломаты", "дипломатов"),
        ("الأمن", "أمن"),
        ("والأمن", "أَمْن"),
        ("السيبراني", "سيبراني"),
        ("للتدريب", "تدريب"),
        ("données", "donnee"),
    ],
)
def test_forms_of_a_word_are_one_word(one: str, other: str) -> None:
    assert [stem(word) for word in words_of(one)] == [stem(word) for word in words_of(other)]


@pytest.mark.parametrize("word", ["мой", "الى", "على", "الذي"])
def test_letters_that_belong_to_a_word_stay(word: str) -> None:
    assert fold(word) == word


def test_a_long_chinese_question_is_read_to_its_end(service: SearchService) -> None:
    text = "面向发展中国家政府官员的关于人工智能和数据治理的免费在线培训课程"
    assert service.search(SearchQuery(q=text)).total


LETTERS = st.one_of(
    st.characters(max_codepoint=0x24F, exclude_categories=["Cs"]),
    st.characters(min_codepoint=0x900, exclude_categories=["Cs"]),
)
CYRILLIC = st.characters(min_codepoint=0x400, max_codepoint=0x52F)
ARABIC = st.characters(min_codepoint=0x600, max_codepoint=0x77F)
TEXTS = st.lists(
    st.one_of(*(st.text(some, max_size=12) for some in (LETTERS, CYRILLIC, ARABIC))), max_size=8
)


@given(TEXTS)
def test_what_is_written_is_cut_as_what_is_asked(words: list[str]) -> None:
    text = fold(" ".join(words))
    written = analyser("english").analyze(partly_stemmed(text))
    assert written == analyser(*STEMMERS).analyze(text)


@pytest.mark.parametrize(
    ("asked", "english"),
    [
        ("gouvernance de l’Internet", "internet governance"),
        ("gobernanza de Internet", "internet governance"),
        ("gobernanza del internet", "internet governance"),
        ("gouvernance de l internet", "internet governance"),
        ("управление интернетом", "internet governance"),
        ("互联网治理", "internet governance"),
        ("حوكمة الإنترنت", "internet governance"),
        ("intelligence artificielle", "artificial intelligence"),
        ("人工智能", "artificial intelligence"),
        ("diplomatie scientifique", "science diplomacy"),
        ("科学外交", "science diplomacy"),
        ("logiciels espions", "spyware"),
        ("Forum sur la gouvernance de l’Internet", "internet governance forum"),
        ("Sommet mondial sur la société de l’information", "WSIS"),
        ("الاتحاد الدولي للاتصالات", "ITU"),
        ("Unión Europea", "european union"),
    ],
)
def test_the_first_answer_is_that_of_the_english_question(
    service: SearchService, asked: str, english: str
) -> None:
    theirs, ours = (service.search(SearchQuery(q=text)) for text in (asked, english))
    assert theirs.hits[0].card.slug == ours.hits[0].card.slug
    assert theirs.corrected is None


def test_a_slip_in_another_language_is_forgiven_within_a_phrase(service: SearchService) -> None:
    found = service.search(SearchQuery(q="inteligencia artifical"))
    assert found.corrected == "inteligencia artificial"
    assert found.total == service.search(SearchQuery(q="inteligencia artificial")).total > 0


@pytest.mark.parametrize("text", ["normes techniques", "技术标准", "технические стандарты"])
def test_what_was_meant_is_marked_though_the_entry_says_it_in_english(
    service: SearchService, text: str
) -> None:
    why = service.search(SearchQuery(q=text)).hits[0].why
    assert why and why.title
    assert [part for part, marked in why.title if marked] == ["standards"]


def test_small_words_of_what_was_meant_are_not_marked(service: SearchService) -> None:
    hits = service.search(SearchQuery(q="science et technologie")).hits
    marked = {part for hit in hits if hit.why for part, on in hit.why.summary or [] if on}
    assert marked and not any(part == "and" for part in marked)


@pytest.mark.parametrize(
    ("said", "english"),
    [
        ("économie numérique", "digital economy"),
        ("Fractures numériques", "digital divides"),
        ("gouvernance d’Internet", "internet governance"),
        ("renforcement des capacités", "capacity building"),
        ("Suisse", "switzerland"),
        ("norms", ""),
        ("access knowledge", ""),
        ("médiation", ""),
        ("la", ""),
    ],
)
def test_what_is_said_in_another_language_is_known_in_english(
    service: SearchService, said: str, english: str
) -> None:
    synonyms = service.refresh().synonyms
    assert " ".join(synonyms.in_english(words_of(said))) == english


def test_a_kind_is_asked_for_in_any_language(service: SearchService) -> None:
    kinds = [
        service.refresh().synonyms.kinds(words_of(t))
        for t in ("exercice de simulation", "имитационное учение")
    ]
    assert kinds[0] == kinds[1] != []


def test_an_english_phrase_is_still_a_question_of_single_words(service: SearchService) -> None:
    one, other = (
        set(service.ids(SearchQuery(q=t))) for t in ("strategic foresight", "foresight strategic")
    )
    assert one == other
