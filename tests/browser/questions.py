"""From the home page to the answers of ten typical questions: make questions.

Counts steps (a field filled in, something chosen, a button or link pressed), seconds on a line of
the second generation (400 ms, 250 kbit/s) and bytes, from an open home page until the answer is on
the screen. A question may have several ways; the shortest that works on this site is taken, so
that the same questions can be put to an older version: python -m tests.browser.questions ADDRESS.
"""

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from tests.browser.test_weak_lines import SECOND_GENERATION

PATIENCE = 15_000
Step = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """Who asks what, the ways to the answer, and what then stands on the screen."""

    who: str
    asks: str
    ways: tuple[tuple[Step, ...], ...]
    answer: str


def searching(words: str) -> tuple[Step, ...]:
    return ("fill", "What are you looking for?", words), ("button", "Search")


QUESTIONS = (
    Question(
        "officer", "What is listed for Ethics (C10), with filters?",
        ((("link", "34 entries: Ethics"),),
         (("link", "^Search$"), ("check", "Ethics"))),
        r"^34 entries",
    ),
    Question(
        "officer", "Which course on artificial intelligence is for diplomats, and where?",
        ((("link", "artificial intelligence course for diplomats"),
          ("link", "AI and Politics|AI Campus")),),
        r"Who can take part",
    ),
    Question(
        "officer", "What closes soon?",
        ((), (("link", "^Search$"), ("choose", "Sort", "deadline"))),
        r"No listed training has a deadline|Closes in",
    ),
    Question(
        "officer", "How do two courses on cybersecurity compare?",
        ((*searching("cyber course"), ("link", "Cyber School Initiative", "0"),
          ("link", "Compare it with these side by side")),
         (*searching("cyber course"), ("add", "1"), ("add", "2"),
          ("link", "Compare side by side")),
         (*searching("cyber course"), ("add", "1"), ("add", "2"),
          ("link", r"^2 entries$"),
          ("link", "Compare side by side")),),
        r"[2-4] entries side by side",
    ),
    Question(
        "NGO", "Who helps an NGO with cybersecurity for free, and how do we get it?",
        ((("link", "free cybersecurity help for an NGO"), ("link", "CyberPeace Builders", "0")),),
        r"How to get it",
    ),
    Question(
        "NGO", "What fits our need, what does not, what does nobody state?",
        ((("link", "say what you need"), ("fill", "In your own words", "cybersecurity for an NGO"),
          ("button", "Show offers")),),
        r"offers? may suit you",
    ),
    Question(
        "NGO", "How do we hear when something new opens?",
        ((("link", "Hear when something new opens"),),),
        r"By e-mail",
    ),
    Question(
        "curator", "Which lines of the source about the Cyber School do not fit together?",
        ((*searching("cyber school"), ("link", "two answers", "0")),),
        r"the source gives two answers",
    ),
    Question(
        "curator", "What was published last?",
        ((("link", "All, newest first"),),
         (("link", "^Search$"), ("choose", "Sort", "newest"))),
        r"^\d+ entries$",
    ),
    Question(
        "provider", "Is our organisation listed, and how do we correct it?",
        ((("link", "organisations$|^Organisations$", "0"), ("link", "^CyberPeace Institute$"),
          ("link", "Is this your organisation?")),),
        r"work e-mail|your organisation|speak for",
    ),
)  # fmt: skip


@dataclass
class Line:
    """What goes over the line of one visit."""

    size: float = 0


def watch(page: Page) -> Line:
    line, session = Line(), page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SECOND_GENERATION)

    def came(event: dict[str, Any]) -> None:
        line.size += event["encodedDataLength"]

    session.on("Network.loadingFinished", came)
    return line


def do(page: Page, step: Step) -> None:
    kind, name, *more = step
    if kind == "fill":
        page.get_by_role("textbox", name=name).or_(page.get_by_role("searchbox", name=name)).fill(
            more[0], timeout=PATIENCE
        )
    elif kind == "check":
        box = page.get_by_role("checkbox", name=name)
        box.wait_for(timeout=PATIENCE)
        # Who has read the list ticks later than the script arrives.
        page.wait_for_load_state("networkidle")
        box.click(timeout=PATIENCE)
    elif kind == "add":
        page.get_by_role("button", name="Add to shortlist").first.click(timeout=PATIENCE)
        kept = page.get_by_role("button", name="Remove from shortlist")
        expect(kept).to_have_count(int(name), timeout=PATIENCE)
    elif kind == "choose":
        page.get_by_role("combobox", name=name).select_option(more[0], timeout=PATIENCE)
    else:
        role: Any = kind
        page.get_by_role(role, name=re.compile(name)).nth(int(more[0]) if more else 0).click(
            timeout=PATIENCE, no_wait_after=True
        )
        page.wait_for_load_state("load")


def go(browser: Browser, address: str, way: tuple[Step, ...], answer: str) -> str | None:
    """Return steps, seconds and bytes of one way, or None where the site has no such way."""
    context = browser.new_context(service_workers="block", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(address)
    names = [step for step in way[:1] if step[0] in ("link", "button")]
    if names and not page.get_by_role(names[0][0], name=re.compile(names[0][1])).count():  # type: ignore[arg-type]
        context.close()
        return None
    line, start = watch(page), monotonic()
    try:
        for step in way:
            do(page, step)
        expect(page.get_by_text(re.compile(answer)).first).to_be_visible(timeout=PATIENCE)
    except (TimeoutError, AssertionError):
        context.close()
        return None
    seconds = monotonic() - start
    page.wait_for_load_state("networkidle")
    context.close()
    return f"{len(way)} | {seconds:.1f} | {line.size / 1000:.1f}"


def put(browser: Browser, address: str) -> int:
    """Put every question to a site and print a table; return how many found no answer."""
    lost = 0
    print("| who | question | steps | seconds | kB |\n|---|---|---|---|---|")
    for question in QUESTIONS:
        found = None
        for way in question.ways:
            found = found or go(browser, address, way, question.answer)
        lost += found is None
        print(f"| {question.who} | {question.asks} | {found or 'no way | | '} |", flush=True)
    return lost


def main(address: str | None) -> int:
    """Put the questions to the site at an address, or to a freshly seeded one of this version."""
    from tests.browser.conftest import ARGUMENTS
    from tests.browser.screenshots import running

    if address:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=ARGUMENTS
            )
            return 1 if put(browser, address) else 0
    with (
        tempfile.TemporaryDirectory() as made,
        running(Path(made)) as (
            browser,
            server,
        ),
    ):
        return 1 if put(browser, server.address) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
