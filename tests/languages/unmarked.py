"""Words for people that no translator would see: python -m tests.languages.unmarked [PATH …].

In templates: text between tags and in the attributes that are read out, outside `_`, `ngettext`
and `trans`, and words in quotes inside an expression. In the code: errors that are raised with
words of their own.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment

import directory.errors

ROOT = Path(__file__).parents[2]
READ_OUT = {"aria-label", "title", "placeholder", "alt", "content", "data-hx-confirm"}
AS_THEY_ARE = re.compile(
    # Attributes that a macro writes into a tag of whoever calls it.
    r'[a-z-]+="[^"]*"|'
    # Parameters of an address, which some blocks and macros hold alone.
    r"\?[a-z]+=|[a-z]+_[a-z]+|"
    r"JSON-LD|SVG|"
    r"CSV|JSON|JSON-LD|Excel|XLSX|YAML|Markdown|HTML|PDF|DOCX|Word|Atom|RSS|iCalendar|iCal|SKOS|"
    r"Turtle|MOOChub|DCAT|HSDS|OAI-PMH|OpenAPI|API|MCP|SPARQL|UTF-8|URL|UUID|ISO|WSIS|SDGs?|GDC|"
    r"schema\.org|Dublin Core|JSON Lines|GET|POST|PUT|DELETE|ETag|If-Match|Idempotency-Key|"
    r"noindex|no-referrer|width=device-width|initial-scale|C\d+|UTC|IANA|QR|TOTP|RFC"
)
WORD = re.compile(r"[^\W\d_]{2,}")
ERRORS = {name for name, thing in vars(directory.errors).items() if isinstance(thing, type)}
SAYS = {"_", "gettext", "ngettext", "marked"}
FOR_PROGRAMS = re.compile(
    r"directory/(api/(mcp\.py|tokens\.py|tools/|v1/)|exports/(oai|hsds_lists|pages/hsds|dump|file)|"
    r"cli/|doctor/|(accounts/repeats|backup|db|mail|migrate|sources/paragraphs)\.py)"
)
"""Modules whose errors are told to programs, or to who gives a command: in English."""
EXPRESSION = "\u241e"
"""Stands for an expression of the template in what is read as HTML."""


class _Reader(HTMLParser):
    """Gathers what a person reads or hears of a piece of HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("code", "pre", "kbd", "style", "script")
        if tag == "meta" and dict(attrs).get("name") != "description":
            return
        self.said += [value for name, value in attrs if name in READ_OUT and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("code", "pre", "kbd", "style", "script")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def words_of(html: str) -> list[str]:
    """Return the pieces of text in a piece of HTML that have words to translate."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    found = (" ".join(text.replace(EXPRESSION, " ").split()) for text in reader.said)
    return [text for text in found if WORD.search(AS_THEY_ARE.sub("", text))]


def in_template(file: Path) -> Iterator[str]:
    """Yield the words of one template that are not marked."""
    lexed = Environment(extensions=["jinja2.ext.i18n"]).lex(file.read_text(encoding="utf-8"))
    html: list[str] = []
    inside: list[tuple[int, str, str]] = []
    within_trans = open_block = False
    for line, kind, value in lexed:
        if kind == "data":
            html.append("" if within_trans else value)
        elif kind in ("variable_begin", "block_begin"):
            inside, open_block = [], True
        elif kind in ("variable_end", "block_end"):
            name = inside[0][2] if inside and kind == "block_end" else ""
            within_trans = name == "trans" or (within_trans and name != "endtrans")
            if kind == "variable_end" and not within_trans:
                html.append(EXPRESSION)
            open_block = False
            yield from _quoted(inside)
        elif open_block and kind not in ("whitespace", "comment"):
            inside.append((line, kind, value))
    yield from words_of("".join(html))


def _quoted(tokens: list[tuple[int, str, str]]) -> Iterator[str]:
    """Yield sentences in quotes inside an expression: they begin large, or are several words."""
    depth: list[bool] = []
    for place, (_, kind, value) in enumerate(tokens):
        if value == "(":
            depth.append(place > 0 and tokens[place - 1][2] in SAYS)
        elif value == ")" and depth:
            depth.pop()
        elif kind == "string" and not any(depth):
            text = value[1:-1]
            if re.match(r"[A-Z][a-z]+( [a-z]|$|…)|[a-z]+ [a-z]+ ", text.strip()):
                yield text


def in_code(file: Path) -> Iterator[str]:
    """Yield the words of errors that one module raises and that are not marked."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if node.func.id in ERRORS:
            for given in (*node.args, *(k.value for k in node.keywords)):
                yield from _literals(given)


def _literals(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        return  # Whatever makes the words elsewhere is asked there.
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
        if " " in text:
            yield text
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str) and " " in node.value:
            yield node.value
    else:
        for child in ast.iter_child_nodes(node):
            yield from _literals(child)


def unmarked(paths: Iterable[Path]) -> Iterator[str]:
    """Yield each finding as `file: words`."""
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            found: Iterable[str] = ()
            if file.suffix == ".html":
                found = in_template(file)
            elif file.suffix == ".py" and not FOR_PROGRAMS.match(str(file.relative_to(ROOT))):
                found = in_code(file)
            for text in found:
                yield f"{file.relative_to(ROOT)}: {text[:110]}"


if __name__ == "__main__":
    asked = [ROOT / name for name in sys.argv[1:]] or [ROOT / "templates", ROOT / "directory"]
    for finding in unmarked(asked):
        print(finding)
