"""Somebody reads the directory in a language that has a file of its own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.localedata import locale_identifiers
from litestar.testing import TestClient

import directory.languages as spoken
from directory.languages import (
    direction,
    gettext,
    is_compiled,
    languages,
    ngettext,
    number,
    reading,
)
from directory.web.templating import template_engine
from tests.conftest import settings_for

FRENCH = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Search"
msgstr "Rechercher"

msgid "Skip to content"
msgstr "Aller au contenu"

msgid "%(count)s entry"
msgid_plural "%(count)s entries"
msgstr[0] "%(count)s fiche"
msgstr[1] "%(count)s fiches"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which the tests decide what languages there are."""
    monkeypatch.setattr(spoken, "FOLDER", tmp_path)
    (tmp_path / "fr.po").write_text(FRENCH, encoding="utf-8")
    (tmp_path / "ar.po").write_text(FRENCH.replace(": fr", ": ar"), encoding="utf-8")
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()
    yield tmp_path
    spoken.languages.cache_clear()
    spoken._catalogue.cache_clear()


@pytest.mark.usefixtures("folder")
def test_a_language_is_one_file() -> None:
    assert [(one.code, one.name, one.direction) for one in languages().values()] == [
        ("ar", "العربية", "rtl"),
        ("en", "English", "ltr"),
        ("fr", "français", "ltr"),
    ]


@pytest.mark.usefixtures("folder")
def test_counts_take_the_form_and_the_digits_of_the_language() -> None:
    with reading("fr"):
        assert ngettext("%(count)s entry", "%(count)s entries", 0) == "0 fiche"
        assert ngettext("%(count)s entry", "%(count)s entries", 1204) == "1\u202f204 fiches"
    assert ngettext("%(count)s entry", "%(count)s entries", 1204) == "1,204 entries"
    assert number(1204) == "1,204"


@pytest.mark.usefixtures("folder")
def test_what_nobody_translated_yet_is_in_english_and_a_language_nobody_has_is_english() -> None:
    with reading("fr"):
        assert gettext("Nothing of the kind") == "Nothing of the kind"
    with reading("tlh"):
        assert gettext("Search") == "Search"


@pytest.mark.usefixtures("folder")
def test_values_are_escaped_on_a_page_and_left_as_they_are_in_plain_text(tmp_path: Path) -> None:
    engine = template_engine(settings_for(tmp_path, "sqlite://")).engine
    words = (
        '{{ _("Sources of %(title)s", title=title) }}, '
        '{{ ngettext("%(count)s of %(title)s", "%(count)s of %(title)s", 2, title=title) }}, '
        "{% trans title=title %}100% {{ title }}{% endtrans %}"
    )
    page = engine.from_string(words)
    text = engine.from_string(f"{{% autoescape false %}}{words}{{% endautoescape %}}")
    assert page.render(title="A & B") == "Sources of A &amp; B, 2 of A &amp; B, 100% A &amp; B"
    assert text.render(title="A & B") == "Sources of A & B, 2 of A & B, 100% A & B"


@pytest.fixture
def visit(site: TestClient[Any], folder: Path) -> Iterator[Callable[..., Any]]:
    """Ask for an address as somebody who was never here before."""
    site.cookies.clear()
    yield site.get
    site.cookies.clear()


@pytest.mark.parametrize(
    ("address", "headers", "expected"),
    [
        ("/", {}, "en"),
        ("/?lang=fr", {}, "fr"),
        ("/?lang=tlh", {}, "en"),
        ("/", {"accept-language": "de, fr-CH;q=0.8, en;q=0.5"}, "fr"),
        ("/", {"accept-language": "fr;q=0, en"}, "en"),
        ("/", {"accept-language": "fr;q=much, \x7f;;;,,"}, "en"),
        ("/", {"accept-language": "en", "cookie": "lang=ar"}, "ar"),
        ("/?lang=fr", {"cookie": "lang=ar"}, "fr"),
        ("/nowhere", {"accept-language": "ar"}, "ar"),
        ("/search.json", {"accept-language": "ar"}, None),
        ("/api/v1/search", {"accept-language": "ar"}, None),
    ],
)
def test_the_address_decides_then_the_choice_kept_then_the_browser(
    visit: Callable[..., Any], address: str, headers: dict[str, str], expected: str | None
) -> None:
    answer = visit(address, headers=headers)
    assert answer.headers.get("content-language") == expected
    if expected:
        assert f'<html lang="{expected}" dir="{languages()[expected].direction}">' in answer.text


def test_a_chosen_language_is_kept_and_one_that_was_only_negotiated_is_not(
    visit: Callable[..., Any],
) -> None:
    assert "lang=" not in str(visit("/", headers={"accept-language": "fr"}).headers)
    assert "lang=fr" in visit("/?lang=fr").headers["set-cookie"]
    assert "Aller au contenu" in visit("/about").text


def test_every_page_names_its_addresses_in_the_other_languages(visit: Callable[..., Any]) -> None:
    page = visit("/search?q=cyber&page=2").text
    assert (
        'hreflang="ar" href="http://testserver.local/search?q=cyber&amp;page=2&amp;lang=ar"' in page
    )
    assert 'hreflang="x-default" href="http://testserver.local/search?q=cyber&amp;page=2"' in page


def test_messages_are_compiled_when_they_were_unpacked_together(tmp_path: Path) -> None:
    source, made = tmp_path / "fr.po", tmp_path / "fr.mo"
    source.write_text("")
    assert not is_compiled(source)
    made.write_text("")
    os.utime(source, (1000, 1000))
    os.utime(made, (999.998, 999.998))
    assert is_compiled(source), "the way a wheel is unpacked"
    os.utime(source, (1060, 1060))
    assert not is_compiled(source), "it was edited after the build"


def test_every_language_runs_the_way_cldr_says() -> None:
    known = [code for code in locale_identifiers() if "_" not in code]
    assert {code: direction(code) for code in known} == {
        code: Locale.parse(code).text_direction for code in known
    }


@pytest.mark.parametrize(
    ("code", "runs"),
    [("pa-Arab", "rtl"), ("pa", "ltr"), ("ks-Deva", "ltr"), ("en-GB", "ltr"), ("xx", "auto"),
     ("no language", "auto"), ("", "auto")],
)  # fmt: skip
def test_a_script_is_said_or_likely_and_who_is_unknown_is_left_to_the_reader(
    code: str, runs: str
) -> None:
    assert direction(code) == runs
