"""What a report is about, as everybody sees it, and as it is kept with a report."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from directory.entries.kinds import BY_PATH
from directory.entries.models import Entry
from directory.entries.queries import Published, read_published
from directory.entries.shown import Shown, Value
from directory.entries.vocabularies import Vocabularies
from directory.errors import NotFound
from directory.languages import SOURCE, gettext, reading
from directory.sources.models import Source
from directory.sources.queries import sources_by_slug


@dataclass(frozen=True)
class Subject:
    """What a report is about, as everybody sees it now; `value` is None for the whole entry.

    `english` is the same value in English: reports keep it so, to be compared whoever reads.
    """

    published: Published
    shown: Shown
    words: Vocabularies
    value: Value | None
    english: Value | None

    @property
    def entry(self) -> Entry:
        """Return the entry."""
        return self.published.entry

    @property
    def address(self) -> str:
        """Return what names the entry in the address of the form: trainings/cyber-school."""
        return f"{self.published.kind.path}/{self.entry.slug}"


def read_subject(session: Session, address: str, field: str = "") -> Subject:
    """Return what `trainings/cyber-school` and a field name; raises NotFound and Gone.

    A field that only curators see is as unknown here as one that does not exist.
    """
    path, _, slug = address.partition("/")
    if path not in BY_PATH or not slug:
        raise NotFound(gettext("There is no entry at this address. Begin on the page of an entry."))
    published = read_published(session, BY_PATH[path], slug)
    subject = subject_of(published, field, Vocabularies.read(session), sources_by_slug(session))
    if field and subject.value is None:
        raise NotFound(gettext("%(title)s has no such field.", title=subject.shown.title))
    return subject


def subject_of(
    published: Published, field: str, words: Vocabularies, sources: dict[str, Source]
) -> Subject:
    """Return a published entry, or one field of it, as something to write about."""
    shown = Shown(published, words, sources)
    with reading(SOURCE):
        english = Shown(published, words, sources, text=published.language)
    return Subject(published, shown, words, shown.values.get(field), english.values.get(field))


def as_text(value: Value) -> str | None:
    """Write a value as plain text, as it is kept with a report; None while there is none."""
    if value.raw is None:
        return None
    if value.declared.widget == "runs":
        return "\n".join(" · ".join(_leaves(run)) for run in value.raw)
    return "\n".join(i.text + (f" ({i.note})" if i.note else "") for i in value.items)


def _leaves(value: Any) -> Iterator[str]:
    """Yield every stated part of a structured value, in its order."""
    if isinstance(value, dict):
        for part in value.values():
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif value is True:
        yield "yes"
    elif value is not None and value is not False:
        yield str(value)


def source_of(value: Value) -> str | None:
    """Return which documents state a value, as it is kept with a report; None while none does."""
    found = (o.source.short_title + (f", {o.locator}" if o.locator else "") for o in value.origins)
    return "; ".join(dict.fromkeys(found)) or None
