"""A form as somebody filled it in: read from a request, or written from what is saved.

Names say where a value belongs: `summary`, `runs.0.tracks.1.title`, `claims.summary.0.note`.
What is about the form itself, not the entry, begins with an underscore.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from directory.curation.controls import Control
from directory.curation.options import SOURCES, Options
from directory.errors import Invalid
from directory.languages import gettext, ngettext
from directory.sources.claims import Claim, Status

# When somebody last looked is worked out, not asked.
CLAIM_PARTS = tuple(n for n in Claim.model_fields if not n.startswith("checked_"))
_YES_NO = {"yes": True, "no": False}
_NO_BASE = -1
MOST_FIELDS = 10_000
_NUMBER = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Form:
    """What stands in a form: by field a text, a list of texts, or a list of rows.

    `number` tells this opening of the form from others; `back` is the reference of another form
    that waits for this entry to be created; `create` the reference for which one is wanted.
    """

    values: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    slug: str = ""
    base: int = 0
    comment: str = ""
    source: str = ""
    locator: str = ""
    silent_on_the_rest: bool = False
    is_different: bool = False
    add: str = ""
    drop: str = ""
    number: str = ""
    back: str = ""
    create: str = ""


# From a request


def read_form(controls: Mapping[str, Control], pairs: Iterable[tuple[str, Any]]) -> Form:
    """Read the body of a request; names nobody asked for and files are ignored.

    Raises Invalid for more fields than a form of ours can have: each costs time.
    """
    data: dict[str, list[str]] = {}
    for number, (name, text) in enumerate(pairs):
        if number == MOST_FIELDS:
            raise Invalid(
                ngettext(
                    "A form has at most %(count)s field. Nothing was saved.",
                    "A form has at most %(count)s fields. Nothing was saved.",
                    MOST_FIELDS,
                )
            )
        if isinstance(text, str):
            data.setdefault(name, []).append(text.replace("\r\n", "\n").replace("\r", "\n"))
    base = _one(data, "_base")
    form = Form(
        values={name: _value(data, name, control) for name, control in controls.items()},
        claims={name: _claims(data, name) for name in controls},
        slug=_one(data, "_slug").strip(),
        base=int(base) if re.fullmatch(r"[0-9]{1,9}", base) else _NO_BASE,
        comment=_one(data, "_comment").strip(),
        source=_one(data, "_source").strip(),
        locator=_one(data, "_locator").strip(),
        silent_on_the_rest=_one(data, "_silent_on_the_rest") == "yes",
        is_different=_one(data, "_is_different") == "yes",
        add=_one(data, "add"),
        drop=_one(data, "drop"),
        number=_one(data, "_number") if _NUMBER.fullmatch(_one(data, "_number")) else "",
        back=_one(data, "_back"),
        create=_one(data, "create"),
    )
    return _without_row(form) if form.drop else form


def _one(data: Mapping[str, list[str]], name: str) -> str:
    found = data.get(name)
    return found[-1] if found else ""


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _numbers(data: Mapping[str, list[str]], prefix: str) -> list[int]:
    """Return the numbers of the rows that a repeated group has."""
    row = re.compile(re.escape(prefix) + r"\.([0-9]{1,4})\.")
    return sorted({int(found[1]) for name in data if (found := row.match(name))})


def _value(data: Mapping[str, list[str]], name: str, control: Control) -> Any:
    if control.parts:
        return [
            {part.name: _value(data, f"{name}.{n}.{part.name}", part) for part in control.parts}
            for n in _numbers(data, name)
        ]
    if control.widget == "lines":
        return _lines(_one(data, name))
    if control.many:
        return [text.strip() for text in data.get(name, []) if text.strip()]
    return _one(data, name)


def _claims(data: Mapping[str, list[str]], name: str) -> list[dict[str, Any]]:
    prefix = f"claims.{name}"
    rows = []
    for n in _numbers(data, prefix):
        row: dict[str, Any] = {p: _one(data, f"{prefix}.{n}.{p}").strip() for p in CLAIM_PARTS}
        row["values"] = _lines(row["values"])
        rows.append(row)
    return [row for row in rows if not claim_is_blank(row)]


def _without_row(form: Form) -> Form:
    """Take out the row that somebody asked to remove, such as `runs.0.tracks.1`."""
    rows: Any = form.values
    *path, last = form.drop.split(".")
    for step in path:
        if isinstance(rows, list):
            rows = dict(enumerate(rows)).get(_row_number(step))
        else:
            rows = rows.get(step) if isinstance(rows, dict) else None
    if isinstance(rows, list) and 0 <= _row_number(last) < len(rows):
        del rows[_row_number(last)]
    return form


def _row_number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else -1


def is_blank(value: Any) -> bool:
    """Say whether nothing was filled in, however deep."""
    if isinstance(value, dict):
        return all(is_blank(v) for v in value.values())
    if isinstance(value, list):
        return all(is_blank(v) for v in value)
    return not str(value).strip()


def claim_is_blank(row: Mapping[str, Any]) -> bool:
    """Say whether a claim says nothing; the preset status alone is nothing."""
    return row["status"] in ("", Status.STATED) and all(
        is_blank(value) for name, value in row.items() if name != "status"
    )


# To a profile


def without_blank_rows(form: Form) -> Form:
    """Drop rows in which nothing was filled in, so that errors count rows as a reader does."""
    return replace(form, values={name: _compact(value) for name, value in form.values.items()})


def _compact(value: Any) -> Any:
    if isinstance(value, list):
        return [_compact(v) for v in value if not is_blank(v)]
    if isinstance(value, dict):
        return {name: _compact(v) for name, v in value.items()}
    return value


def profile_of(
    controls: Iterable[Control], values: Mapping[str, Any], options: Options
) -> dict[str, Any]:
    """Return what was filled in as the values of a profile, still unchecked.

    A blank means "not stated" and is left out, except where a row cannot do without it.
    """
    found = {}
    for control in controls:
        value = values.get(control.name, "")
        if not is_blank(value):
            found[control.name] = _profile_value(control, value, options)
        elif control.needed:
            found[control.name] = ""
    return found


def _profile_value(control: Control, value: Any, options: Options) -> Any:
    if control.parts:
        return [profile_of(control.parts, row, options) for row in value]
    if control.widget in ("switch", "tick"):
        return _YES_NO.get(value, value)
    if control.many:
        return [options.value_of(control.options_name, text) for text in value]
    if control.options_name:
        return options.value_of(control.options_name, value)
    return value.strip()


def unknown_codes(
    controls: Iterable[Control], profile: Mapping[str, Any], options: Options, where: str = ""
) -> dict[str, str]:
    """Return a sentence for each value that is not in its vocabulary, by where it stands."""
    wrong: dict[str, str] = {}
    for control in controls:
        value, place = profile.get(control.name), where + control.name
        if not value:
            continue
        if control.parts:
            for n, row in enumerate(value):
                wrong |= unknown_codes(control.parts, row, options, f"{place}.{n}.")
        elif control.vocabulary:
            known = {option.value for option in options.of(control.vocabulary)}
            texts = value if control.many else [value]
            if unknown := [text for text in texts if text not in known]:
                wrong[place] = gettext("Not in the list: %(values)s.", values=", ".join(unknown))
    return wrong


# From what is saved


def filled_from(
    controls: Mapping[str, Control],
    profile: Mapping[str, Any],
    claims: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Form:
    """Fill a form with a saved profile and its claims, both as JSON."""
    return Form(
        values={name: _text(control, profile.get(name)) for name, control in controls.items()},
        claims={name: [claim_row(c) for c in claims.get(name, ())] for name in controls},
    )


def _text(control: Control, value: Any) -> Any:
    if control.parts:
        return [
            {part.name: _text(part, row.get(part.name)) for part in control.parts}
            for row in value or []
        ]
    if control.many:
        return [str(v) for v in value or []]
    if control.widget == "switch" and isinstance(value, bool):
        return "yes" if value else "no"
    if control.widget == "tick":
        return "yes" if value else ""
    return "" if value is None else str(value)


def claim_row(claim: Mapping[str, Any]) -> dict[str, Any]:
    """Write a saved claim as the form has it."""
    row: dict[str, Any] = {name: str(claim.get(name) or "") for name in CLAIM_PARTS}
    row["values"] = [str(v) for v in claim.get("values") or []]
    return row


def claim_of(row: Mapping[str, Any], form: Form, options: Options) -> dict[str, Any]:
    """Return a claim as it was filled in; one without a source takes the source for all."""
    claim = {name: value for name, value in row.items() if not is_blank(value)}
    if "source" in claim:
        claim["source"] = options.value_of(SOURCES, claim["source"])
    elif form.source:
        claim["source"] = options.value_of(SOURCES, form.source)
        if form.locator and claim.get("status") != Status.NOT_STATED:
            claim.setdefault("locator", form.locator)
    return claim


# To a request again


def pairs_of(controls: Mapping[str, Control], form: Form) -> list[tuple[str, str]]:
    """Write a form as the fields of a request, so that a page can carry it: `read_form` reads it.

    What was asked to add or drop is not part of it.
    """
    pairs = [
        ("_slug", form.slug),
        ("_base", str(form.base)),
        ("_comment", form.comment),
        ("_source", form.source),
        ("_locator", form.locator),
        ("_silent_on_the_rest", "yes" if form.silent_on_the_rest else ""),
    ]
    for name, control in controls.items():
        pairs += _pairs(control, name, form.values.get(name, ""))
        for n, row in enumerate(form.claims.get(name, [])):
            for part, value in row.items():
                text = "\n".join(value) if isinstance(value, list) else value
                pairs.append((f"claims.{name}.{n}.{part}", text))
    return [(name, text) for name, text in pairs if text or name.count(".") > 1]


def _pairs(control: Control, name: str, value: Any) -> Iterable[tuple[str, str]]:
    if control.parts:
        for n, row in enumerate(value):
            for part in control.parts:
                yield from _pairs(part, f"{name}.{n}.{part.name}", row.get(part.name, ""))
    elif control.widget == "lines":
        yield name, "\n".join(value)
    elif control.many:
        yield from ((name, text) for text in value)
    else:
        yield name, value
