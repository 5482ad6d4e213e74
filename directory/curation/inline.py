"""Creating what a form refers to without leaving it: organisation, programme, training in one go.

The form that waits is kept as it stands (`autosave`); the new entry's form knows for which
reference of which form it is wanted, and leads back there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from directory.curation.controls import Control
from directory.curation.forms import Form
from directory.entries.kinds import BY_PATH, Kind, kind_named

_BACK = re.compile(r"([a-z]+)/([a-z0-9-]{1,120}):([a-z_]+(?:\.[0-9]{1,4}\.[a-z_]+)*)")


@dataclass(frozen=True)
class WayBack:
    """The reference that waits: on which form, and where in it."""

    kind: Kind
    slug: str
    control: str

    @property
    def place(self) -> str:
        """Return where the form that waits stands."""
        return f"{self.kind.path}/{self.slug}"

    def url(self, created: str = "") -> str:
        """Return the address of the form that waits, with what was created filled in."""
        put = f"&put={self.control}&slug={created}" if created else ""
        return f"/curation/{self.place}?continue=yes{put}"


def read_way_back(text: str) -> WayBack | None:
    """Read `trainings/new:providers`; None for what is no such thing."""
    found = _BACK.fullmatch(text)
    if not found or found[1] not in BY_PATH:
        return None
    return WayBack(BY_PATH[found[1]], found[2], found[3])


def wanted_kind(controls: Mapping[str, Control], name: str) -> Kind | None:
    """Return of which kind an entry is that the reference with this name takes."""
    control = _control(controls, name)
    return kind_named(control.reference) if control and control.reference else None


def _control(controls: Mapping[str, Control], name: str) -> Control | None:
    """Find a control by its name in the form, such as `organisations.0.organisation`."""
    first, *rest = name.split(".")
    control = controls.get(first)
    for part in rest[1::2]:
        inside = {c.name: c for c in control.parts} if control else {}
        control = inside.get(part)
    return control


def put_reference(controls: Mapping[str, Control], form: Form, name: str, slug: str) -> Form:
    """Fill a reference in: added to a list of them, or in the place of what stood there."""
    control = _control(controls, name)
    if control is None or not control.reference:
        return form
    first, *rest = name.split(".")
    if not rest:
        there = form.values.get(first)
        value: Any = [*(there or []), slug] if control.many else slug
        return replace(form, values={**form.values, first: value})
    rows = form.values.get(first) or []
    _put(rows, rest, slug)
    return form


def _put(rows: list[dict[str, Any]], path: list[str], slug: str) -> None:
    number, part, *deeper = path
    if int(number) >= len(rows) or part not in rows[int(number)]:
        return
    if deeper:
        _put(rows[int(number)][part], deeper, slug)
    else:
        rows[int(number)][part] = slug
