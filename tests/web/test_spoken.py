"""Templates of one language say what they would say if every message were asked for."""

from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient
from markupsafe import escape

from directory.languages import languages, reading
from directory.search.keeper import Keeper
from directory.search.snapshot import Snapshot
from directory.settings import Settings
from directory.web.spoken import Templates
from directory.web.templating import template_engine

WORDS = (
    '{{ _("Search") }} {{ _("%(count)s of 100%%", count=n) }} {% trans %}Filters{% endtrans %} '
    '{{ word or _("Close") }} {{ _(word or "Close") }} {{ language().code }} '
    '{{ language().direction }} {{ site.site_name }} {{ static_url("style.css") }} '
    '{% trans word=word %}Search {{ word }}{% endtrans %} {{ ngettext("one", "%(count)s", n) }}'
)


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    settings = Settings(data_dir=tmp_path, secret_key="x" * 32, site_name="<Ours> & yours")
    engine = template_engine(settings).engine
    assert isinstance(engine, Templates)
    return engine


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("word", ["", "<b>&"])
def test_a_template_says_the_same_in_its_language(
    templates: Templates, code: str, word: str
) -> None:
    with reading(code):
        asked = templates.from_string(WORDS).render(word=word, n=1204)
        settled = templates.for_reader().from_string(WORDS).render(word=word, n=1204)
        plain = f"{{% autoescape false %}}{WORDS}{{% endautoescape %}}"
        assert settled == asked
        assert templates.for_reader().from_string(plain).render(word=word, n=3) == (
            templates.from_string(plain).render(word=word, n=3)
        )
    assert str(escape("<Ours> & yours")) in settled


def test_what_no_value_decides_is_not_asked_for_again(
    templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(templates.globals, "_", lambda _: "asked for")
    words = '{{ _("Search") }} {{ site.site_name }}'
    assert templates.from_string(words).render().startswith("asked for")
    settled = templates.for_reader().from_string(words)
    assert settled.render() == f"Search {escape('<Ours> & yours')}"


def test_each_language_has_its_own_and_keeps_it(templates: Templates) -> None:
    with reading("fr"):
        french = templates.for_reader()
        assert templates.for_reader() is french
    assert templates.for_reader() is not french


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(
    "path", ["/", "/search", "/search?q=cyber&cost=free", "/match", "/gaps", "/about", "/nowhere"]
)
def test_a_page_is_the_same_either_way(
    site: TestClient[Any], monkeypatch: pytest.MonkeyPatch, code: str, path: str
) -> None:
    address = f"{path}{'&' if '?' in path else '?'}lang={code}"
    nobody = {"cookie": "session=of-nobody"}  # Whose pages are never taken from memory.
    asked: list[Snapshot] = []
    current = Keeper.current

    def noted(keeper: Keeper) -> Snapshot:
        asked.append(current(keeper))
        return asked[-1]

    monkeypatch.setattr(Keeper, "current", noted)
    settled = site.get(address, headers=nobody).text
    for snapshot in asked:  # What was drawn and kept would be the same by itself.
        for kept in (snapshot.cards, snapshot.whys, snapshot.answers, snapshot._counted):
            kept.clear()
    monkeypatch.setattr(Templates, "for_reader", lambda templates: templates)
    assert site.get(address, headers=nobody).text == settled
