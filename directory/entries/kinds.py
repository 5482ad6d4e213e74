"""The three kinds of entry, as data: what differs between them stands here and only here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from directory.entries.fields import Declared, fields_of
from directory.entries.models import Organisation, Programme, PublishedEntry, Training
from directory.entries.profiles import (
    OrganisationProfile,
    Profile,
    ProgrammeProfile,
    TrainingProfile,
)
from directory.errors import NotFound
from directory.languages import gettext, worded


@dataclass(frozen=True)
class Kind:
    """One kind: its words, its profile class and the table of its published rows."""

    name: str
    label_in_english: str
    plural_in_english: str
    new_in_english: str
    path: str
    title_field: str
    kind_field: str
    profile: type[Profile]
    table: type[PublishedEntry]

    def __reduce__(self) -> tuple[Callable[[str], "Kind"], tuple[str]]:
        """Travel to another process by name: there are as many kinds as are declared."""
        return kind_named, (self.name,)

    @property
    def label(self) -> str:
        """Return what one of this kind is called in the language that is read."""
        return worded(self.label_in_english)

    @property
    def plural(self) -> str:
        """Return what several of this kind are called in the language that is read."""
        return worded(self.plural_in_english)

    @property
    def new(self) -> str:
        """Return what begins a new one is called in the language that is read."""
        return worded(self.new_in_english)

    @cached_property
    def fields(self) -> dict[str, Declared]:
        """Return every declared field, in page order."""
        return fields_of(self.profile)

    @cached_property
    def public_fields(self) -> dict[str, Declared]:
        """Return the fields that anybody may see."""
        return {name: d for name, d in self.fields.items() if not d.private}

    @cached_property
    def prose_fields(self) -> dict[str, Declared]:
        """Return the fields whose text can be read in another language, in page order."""
        return {name: d for name, d in self.public_fields.items() if d.translatable}

    @cached_property
    def language_field(self) -> str:
        """Return the name of the field that says in which language the text is written."""
        return next(name for name, declared in self.fields.items() if declared.written_in)

    def url(self, slug: str) -> str:
        """Return the address of an entry of this kind."""
        return f"/{self.path}/{slug}"


ORGANISATION = Kind(
    name="organisation",
    label_in_english="Organisation",
    plural_in_english="Organisations",
    new_in_english="New organisation",
    path="organisations",
    title_field="name",
    kind_field="organisation_type",
    profile=OrganisationProfile,
    table=Organisation,
)
PROGRAMME = Kind(
    name="programme",
    label_in_english="Programme",
    plural_in_english="Programmes",
    new_in_english="New programme",
    path="programmes",
    title_field="title",
    kind_field="programme_kind",
    profile=ProgrammeProfile,
    table=Programme,
)
TRAINING = Kind(
    name="training",
    label_in_english="Training",
    plural_in_english="Trainings",
    new_in_english="New training",
    path="trainings",
    title_field="title",
    kind_field="training_kind",
    profile=TrainingProfile,
    table=Training,
)

KINDS: dict[str, Kind] = {k.name: k for k in (ORGANISATION, PROGRAMME, TRAINING)}
BY_PATH: dict[str, Kind] = {k.path: k for k in KINDS.values()}


def kind_named(name: str) -> Kind:
    """Return the kind called `training`, or known by its path `trainings`; else NotFound."""
    kind = KINDS.get(name) or BY_PATH.get(name)
    if kind is None:
        raise NotFound(gettext("There is no kind of entry called %(name)s.", name=name))
    return kind
