"""Every component in every state: drawn on one page, and compared with what was agreed to.

Two comparisons, because letters look different on every machine. What the style sheets say of each
part (colours, borders, sizes of letters, distances; no widths that depend on a font) is compared
everywhere, with `components/styles.json`. Pixels are compared only where the pictures come from the
same Chromium and the same fonts, which the widths of a few words tell; elsewhere they say nothing.
`make components` agrees to what there is now: look at the pictures before you commit them.
"""

import io
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Server

AGREED = Path(__file__).parent / "components"
STYLES, MACHINE = AGREED / "styles.json", AGREED / "machine.json"
PATH = "/about/components"
WIDTHS = (360, 1440)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
MOST_DIFFERENT = 0.005
"""The share of pixels that may differ: a blinking caret, not a border."""

LOOKS = """(root) => [...root.querySelectorAll(".part")].map((part) => [part.id,
  [...part.querySelectorAll(".samples *")].filter((e) => !e.closest(".vh, option")).map((e) => {
    const s = getComputedStyle(e);
    return [e.tagName.toLowerCase() + [...e.classList].map((c) => "." + c).join(""), s.display,
      s.color, s.backgroundColor, [s.borderTopWidth, s.borderTopStyle, s.borderTopColor].join(" "),
      s.borderRadius, s.fontSize, s.fontWeight, s.paddingTop, s.paddingInlineStart, s.marginTop,
      s.textDecorationLine, s.minHeight].join(" | ");
  })])"""
WORDS = """() => { const pen = document.createElement("canvas").getContext("2d");
  return ["serif", "sans-serif", "monospace", "system-ui"].map((family) => {
    pen.font = "40px " + family; return pen.measureText("Capacity بيانات 网络 Wi").width; }); }"""


@contextmanager
def opened(browser: Browser, server: Server, width: int, scheme: Any) -> Iterator[Page]:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
    )
    page.goto(server.address + PATH)
    yield page
    page.close()


def looks(page: Page) -> dict[str, list[str]]:
    """Return how each element of each part looks; elements that look the same stand once."""
    parts = page.evaluate(f"({LOOKS})(document)")
    return {name: list(dict.fromkeys(elements)) for name, elements in parts}


def machine(browser: Browser, page: Page) -> dict[str, Any]:
    return {"chromium": browser.version, "widths": page.evaluate(WORDS)}


def picture(page: Page) -> Image.Image:
    """Return the page at half its size in a few colours, which is what is kept."""
    taken = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    half = taken.resize((taken.width // 2, taken.height // 2), Image.Resampling.BOX)
    return half.quantize(colors=24, dither=Image.Dither.NONE)


def different(one: Image.Image, other: Image.Image) -> float:
    """Return the share of pixels that differ visibly; pictures of two sizes differ throughout."""
    if one.size != other.size:
        return 1.0
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).convert("L")
    return sum(apart.histogram()[40:]) / (one.width * one.height)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_components_look_as_agreed(
    browser: Browser, server: Server, width: int, scheme: str
) -> None:
    agreed = json.loads(STYLES.read_text("utf-8"))[f"{width}-{scheme}"]
    with opened(browser, server, width, scheme) as page:
        found = looks(page)
    changed = {
        name: sorted(set(agreed.get(name, [])) ^ set(found.get(name, [])))
        for name in {*agreed, *found}
    }
    assert not {n: c[:6] for n, c in changed.items() if c}, "`make components` agrees to a change"


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_those_agreed_to(
    browser: Browser, server: Server, width: int, scheme: str
) -> None:
    with opened(browser, server, width, scheme) as page:
        if machine(browser, page) != json.loads(MACHINE.read_text("utf-8")):
            pytest.skip("the pictures were made with another Chromium or other fonts")
        found = picture(page)
    agreed = Image.open(AGREED / f"{width}-{scheme}.png")
    assert different(found, agreed) <= MOST_DIFFERENT


def test_a_changed_border_or_colour_would_be_seen(browser: Browser, server: Server) -> None:
    with opened(browser, server, 1440, "light") as page:
        before, drawn = looks(page), picture(page)
        page.evaluate(
            "document.querySelector('#buttons button').style.setProperty('border-radius', '22px')"
        )
        assert looks(page)["buttons"] != before["buttons"]
        page.evaluate("document.querySelector('#filters').style.setProperty('display', 'none')")
        assert different(picture(page), drawn) > MOST_DIFFERENT


@pytest.mark.parametrize("width", WIDTHS)
def test_no_component_is_wider_than_the_page_whatever_stands_in_it(
    browser: Browser, server: Server, width: int
) -> None:
    with opened(browser, server, width, "light") as page:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        beyond = page.evaluate(
            """[...document.querySelectorAll(".samples *")].filter((e) => !e.closest(".vh") &&
            e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML)"""
        )
    assert beyond == []


def test_each_part_shows_its_focus(browser: Browser, server: Server) -> None:
    with opened(browser, server, 1440, "light") as page:
        for kind in ("button", "a.button", "a.chip", "input", "select", "textarea", "summary"):
            one = page.locator(f".samples {kind}").first
            one.focus()
            page.keyboard.press("Shift")
            shown = one.evaluate("(e) => { e.focus({ focusVisible: true });"
                                 " return getComputedStyle(e).outlineWidth; }")  # fmt: skip
            assert shown == "3px", kind


def agree() -> int:
    """Agree to how components look now: write the styles, the pictures and which machine it was."""
    from tests.browser.screenshots import running

    AGREED.mkdir(exist_ok=True)
    styles = {}
    with (
        tempfile.TemporaryDirectory() as made,
        running(Path(made)) as (
            browser,
            server,
        ),
    ):
        for width, scheme in product(WIDTHS, SCHEMES):
            with opened(browser, server, width, scheme) as page:
                styles[f"{width}-{scheme}"] = looks(page)
                picture(page).save(AGREED / f"{width}-{scheme}.png", optimize=True)
                MACHINE.write_text(json.dumps(machine(browser, page), indent=1) + "\n", "utf-8")
    STYLES.write_text(json.dumps(styles, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(agree())
