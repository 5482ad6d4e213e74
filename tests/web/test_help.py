"""Guides: every one opens, leads nowhere wrong, and names only what exists."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag

import click
import pytest
from litestar.testing import TestClient

from directory.accounts.permissions import ROLES
from directory.cli import main
from directory.languages import SOURCE, languages, reading, worded
from directory.settings import Settings
from directory.web import guides
from directory.web.guides import FOLDER, GUIDES, file_of, guide_text, size_of
from directory.web.templating import STATIC
from tests.browser.screenshots import GUIDE_PICTURES, LARGEST, SHOWN_WIDE
from tests.languages.messages import messages
from tests.people import enter_as, quick_hashes

__all__ = ["quick_hashes"]

Site = TestClient[Any]
MOST_PICTURES = 3
FOR_PEOPLE = ("visitor", "provider", "curator")
FILES = sorted(FOLDER.glob("*.md"))
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)]+)\)")
ANCHOR = re.compile(r"^#+ .*\{#([a-z0-9-]+)\}$", re.M)
SETTING = re.compile(r"DIRECTORY_([A-Z_]+)")
COMMAND = re.compile(r"(?:^|[ `/])(?:directory|/srv/directory/run) ([a-z][a-z -]*)")


class Read(HTMLParser):
    """What stands in a page: headings of the first order, links, pictures and ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.h1 = 0
        self.links: list[str] = []
        self.pictures: list[dict[str, str]] = []
        self.ids: set[str] = set()
        self.marks: list[dict[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        self.h1 += tag == "h1"
        if "id" in a:
            self.ids.add(a["id"])
        if tag == "a":
            self.links.append(a.get("href", ""))
        if tag == "img":
            self.pictures.append(a)
        if "guide-text" in a.get("class", ""):
            self.marks.append(a)


@pytest.fixture(params=sorted(GUIDES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_help_leads_to_every_guide_and_every_page_leads_to_help(site: Site) -> None:
    page = Read(site.get("/help").text)
    assert page.h1 == 1
    assert {f"/help/{name}" for name in GUIDES} <= set(page.links)
    assert "/help" in Read(site.get("/").text).links


def test_a_guide_that_there_is_not(site: Site) -> None:
    assert site.get("/help/nobody").status_code == 404
    assert site.get("/help/visitor.fr").status_code == 404


def test_a_guide_opens_and_says_what_is_in_it(site: Site, name: str) -> None:
    answer = site.get(f"/help/{name}")
    page = Read(answer.text)
    assert answer.status_code == 200
    assert page.h1 == 1
    contents = [link[1:] for link in page.links if link.startswith("#") and link != "#main"]
    assert len(contents) >= 5 and set(contents) <= page.ids
    assert [anchor for anchor, _ in guide_text(name, SOURCE, "").contents] == contents[
        : len(guide_text(name, SOURCE, "").contents)
    ]


@pytest.mark.parametrize("file", [file.stem for file in FILES])
def test_every_link_and_picture_of_a_guide_answers(site: Site, file: str) -> None:
    name, _, code = file.partition(".")
    text = guide_text(name, code or SOURCE, "https://here.example")
    assert text.language == (code or SOURCE)
    # Stars that are left were meant for emphasis, and were not understood.
    assert "*" not in re.sub(r"<(pre|code)>.*?</\1>|<pre>.*?</pre>", "", text.html, flags=re.S)
    page = Read(str(text.html))
    for link in page.links:
        address, anchor = urldefrag(link)
        if address.startswith("https://"):
            continue
        if not address:
            assert anchor in page.ids, link
            continue
        answer = site.get(address)
        # A page for people with an account leads to the sign-in.
        assert answer.status_code == 200, (link, answer.status_code)
        if anchor:
            assert anchor in Read(answer.text).ids, link
    for picture in page.pictures:
        answer = site.get(picture["src"])
        assert answer.headers["content-type"] == "image/png"
        assert "immutable" in answer.headers["cache-control"]
        assert len(answer.content) <= LARGEST
        assert len(picture["alt"]) > 15, "says what one sees"
        assert picture["loading"] == "lazy"
        assert (int(picture["width"]), int(picture["height"]))[0] == SHOWN_WIDE


def test_guides_and_the_script_name_the_same_pictures() -> None:
    named = {file.name: set(PICTURE.findall(file.read_text("utf-8"))) for file in FILES}
    assert max(map(len, named.values())) <= MOST_PICTURES
    lying = {file.name for file in STATIC.glob("guide-*.png")}
    assert set().union(*named.values()) == lying == set(GUIDE_PICTURES)
    for name in lying:
        assert size_of(STATIC / name)[0] == SHOWN_WIDE


def test_a_guide_in_another_language_is_the_same_guide() -> None:
    """Sections, pictures, links and commands are those of the English one, in its order."""
    for file in FILES:
        name, *code = file.stem.split(".")
        assert name in GUIDES
        if not code:
            continue
        assert code[0] in languages()
        text, source = file.read_text("utf-8"), file_of(name, SOURCE).read_text("utf-8")
        for what in (ANCHOR, PICTURE, re.compile(r"\]\((/[^)]*)\)"), re.compile(r"^\d+\. ", re.M)):
            assert what.findall(text) == what.findall(source), (file.name, what.pattern)


def test_labels_in_a_guide_are_those_of_the_site() -> None:
    """What stands in bold with a capital is a button, a link or a heading, in each language."""
    said = {m for one in messages() for m in ((one.id,) if isinstance(one.id, str) else one.id)}
    for file in FILES:
        name, *code = file.stem.split(".")
        if name not in FOR_PEOPLE:
            continue
        labels = bold(file_of(name, SOURCE))
        assert len(bold(file)) == len(labels), file.name
        for here, label in zip(bold(file), labels, strict=True):
            if label[0].islower():
                continue  # A stressed word.
            found = min((m for m in said if m.startswith(label)), key=len, default=None)
            assert found, (file.name, label)
            if not code:
                continue
            with reading(code[0]):
                spoken = worded(found)
            fits = re.sub(r"<[^>]*>", "", spoken).startswith(here)
            assert fits or spoken == found, (file.name, label, here)


def bold(file: Path) -> list[str]:
    """Return what stands in bold, but for words that begin a paragraph about a problem."""
    found: list[str] = re.findall(r"\*\*([^*]+)\*\*", file.read_text("utf-8"))
    return [words for words in found if not words.endswith((":", "："))]


def test_a_heading_without_an_id_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "visitor.md").write_text("## Nowhere\n", encoding="utf-8")
    monkeypatch.setattr(guides, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match="no id"):
        guide_text.__wrapped__("visitor", SOURCE, "")


def test_what_looks_like_html_is_shown_and_not_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = '## A {#a}\n\n<script>x</script> [x](javascript:alert)\n\n![<b>"](guide-desk.png)\n'
    (tmp_path / "visitor.md").write_text(text, encoding="utf-8")
    monkeypatch.setattr(guides, "FOLDER", tmp_path)
    html = str(guide_text.__wrapped__("visitor", SOURCE, "").html)
    assert "<script" not in html and 'href="javascript' not in html
    assert 'alt="&lt;b&gt;&#34;"' in html or 'alt="&lt;b&gt;&quot;"' in html


# Languages


def test_a_guide_that_is_in_english_says_so_to_other_readers(site: Site) -> None:
    page = site.get("/help/operator?lang=ar").text
    assert 'lang="ar" dir="rtl"' in page
    (text,) = Read(page).marks
    assert (text["lang"], text["dir"]) == ("en", "ltr")
    assert 'class="note"' in page
    page = site.get("/help/operator?lang=en").text
    assert "lang" not in Read(page).marks[0]
    assert 'class="note"' not in page


# Only what exists


def commands() -> Iterator[str]:
    def walk(group: click.Group, before: str) -> Iterator[str]:
        for word, command in group.commands.items():
            yield before + word
            if isinstance(command, click.Group):
                yield from walk(command, f"{before}{word} ")

    yield from walk(main, "")


def test_every_command_and_setting_in_a_guide_exists() -> None:
    known = set(commands())
    groups = {c.partition(" ")[0] for c in known if " " in c}
    found = 0
    for file in FILES:
        for line in re.findall(r"`([^`\n]+)`|^(.+)$", file.read_text("utf-8"), re.M):
            text = line[0] or (line[1] if re.match(r"directory |[*\d]|DIRECTORY_", line[1]) else "")
            for words in COMMAND.findall(text):
                first, _, rest = words.partition(" ")
                name = f"{first} {rest.split()[0]}" if first in groups and rest else first
                assert name in known, (file.name, words)
                found += 1
        for setting in SETTING.findall(file.read_text("utf-8")):
            assert setting.lower() in Settings.model_fields, (file.name, setting)
    assert found > 20


def test_the_operator_reads_of_every_setting() -> None:
    text = file_of("operator", SOURCE).read_text("utf-8")
    assert {n.lower() for n in SETTING.findall(text)} == set(Settings.model_fields)


def test_options_in_the_operator_guide_are_taken() -> None:
    text = file_of("operator", SOURCE).read_text("utf-8")
    assert set(re.findall(r"--role (\w+)", text)) <= set(ROLES)
    for command, option in (("serve", "--workers"), ("serve", "--port"), ("import", "--apply")):
        assert option in text
        assert any(option in p.opts for p in main.commands[command].params)


def test_every_make_target_in_a_guide_exists() -> None:
    makefile = (FOLDER.parents[1] / "Makefile").read_text("utf-8")
    for file in FILES:
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", file.read_text("utf-8"), re.M):
            assert re.search(rf"^{target}:", makefile, re.M), (file.name, target)


# Help where it is needed

PLACES = {
    "visitor": ["/search", "/match", "/organisations/gcsp/claim", "/developers"],
    "curator": [
        "/curation",
        "/curation/trainings/new",
        "/curation/trainings/ai-campus",
        "/curation/import",
        "/curation/intake",
    ],
    "provider": ["/curation", "/account/organisations"],
}


@pytest.mark.parametrize("role", PLACES)
def test_a_page_leads_to_the_part_of_a_guide_that_is_about_it(
    role: str, desk: Site, desk_settings: Settings
) -> None:
    if role != "visitor":
        enter_as(desk, desk_settings, role)
    for path in PLACES[role]:
        found = [a for a in Read(desk.get(path).text).links if a.startswith("/help/")]
        assert len(found) == 1, path
        address, anchor = urldefrag(found[0])
        if role == "provider":
            assert address == "/help/provider"
        assert not anchor or anchor in Read(desk.get(address).text).ids, path
