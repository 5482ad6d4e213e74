"""Claims: for each value, which document says it and where, or that none does.

"Not stated" is a value that readers see and can count; two answers are shown, never settled in
silence.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from directory.entries.fields import Declared, Line, Slug, Text
from directory.languages import gettext, marked, worded


class Status(StrEnum):
    """What a source does about a value."""

    STATED = "stated"
    NOT_STATED = "not_stated"
    CONTRADICTED = "contradicted"
    DERIVED = "derived"
    CONFIRMED = "confirmed"

    @property
    def words(self) -> str:
        """Return the one or two words shown after a value, in the language that is read."""
        return worded(
            {
                "stated": marked("source"),
                "not_stated": marked("not stated"),
                "contradicted": marked("two answers"),
                "derived": marked("our reading"),
                "confirmed": marked("confirmed by the provider"),
            }[self.value]
        )


class Claim(BaseModel):
    """One claim about a field, or about one item of a list."""

    model_config = ConfigDict(extra="forbid")

    source: Slug = Field(description="The source, by its slug.")
    status: Status = Field(Status.STATED, description="What the source does about the value.")
    locator: Line | None = Field(None, description="Line, paragraph or page in the source.")
    note: Text | None = Field(None, description="What the source says, in our own words.")
    item: Line | None = Field(None, description="The one value of a list that this is about.")
    values: Annotated[list[Line], Field(max_length=9)] | None = Field(
        None, description="The answers that contradict each other."
    )
    checked_on: date = Field(default_factory=date.today, description="When somebody last looked.")
    checked_by: Line | None = Field(None, description="Who looked.")

    @model_validator(mode="after")
    def _a_contradiction_names_both(self) -> "Claim":
        if self.status is Status.CONTRADICTED and len(self.values or []) < 2:
            raise ValueError(gettext("A contradiction names at least two values."))
        if self.status is Status.DERIVED and not self.note:
            raise ValueError(gettext("Our own reading needs a note that says why."))
        return self

    @cached_property
    def as_json(self) -> dict[str, Any]:
        """Return the claim as it is stored, without what is left open; nobody writes into it."""
        return self.model_dump(mode="json", exclude_none=True)


Claims = dict[str, list[Claim]]


def read_claim(said: Mapping[str, Any]) -> Claim:
    """Return a claim from JSON; the same one for the same words. Raises ValidationError.

    In a long table nearly all claims come again and again.
    """
    # What names no day is looked at today, which is another day tomorrow.
    if isinstance(said, dict) and type(said.get("checked_on")) is str and "values" not in said:
        try:
            return _read_again(tuple(said.items()))
        except TypeError:
            pass  # A list or an object stands where a text should; the model says so.
    return Claim.model_validate(said)


@lru_cache(maxsize=4096)
def _read_again(said: tuple[tuple[str, Any], ...]) -> Claim:
    return Claim.model_validate(dict(said))


def complete(
    claims: Mapping[str, list[Claim]],
    profile: Mapping[str, Any],
    fields: Iterable[Declared],
    read_from: Iterable[str],
    checked_on: date,
) -> Claims:
    """Add "not stated" for every field that the sources we read leave open."""
    done = {name: list(found) for name, found in claims.items()}
    for declared in fields:
        if declared.ours or profile.get(declared.name) is not None or declared.name in done:
            continue
        done[declared.name] = [
            Claim(source=slug, status=Status.NOT_STATED, checked_on=checked_on)
            for slug in read_from
        ]
    return done


def without_claim(claims: Mapping[str, list[Claim]], profile: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that have a value and no claim that says from where."""
    return [name for name, value in profile.items() if value is not None and not claims.get(name)]
