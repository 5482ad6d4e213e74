"""What one asks of the gap map: which entries, by which topics, against which facet."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from directory.entries.kinds import KINDS, TRAINING, Kind
from directory.search.query import FACETS, FacetParameter, SearchQuery

ROWS = ("action_line", "policy_area")
BY = "audience"
"""Of what visitors ask, documents state this most often; every kind of entry has it."""


def columns_of(kind: Kind) -> dict[str, FacetParameter]:
    """Return the facets that can be the columns: those with a vocabulary that the kind has."""
    return {
        name: facet
        for name, facet in FACETS.items()
        if facet.vocabulary and name not in ROWS and kind.name in facet.fields
    }


@dataclass(frozen=True)
class GapQuery:
    """Which map is asked for. `repaired` names the choices that were not there."""

    rows: str = ROWS[0]
    by: str = BY
    kind: str = TRAINING.name
    repaired: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]]) -> "GapQuery":
        """Read the parameters of a URL; what does not fit is replaced, and `repaired` says so."""
        given = dict(params)
        repaired = []

        def choice(name: str, allowed: Iterable[str], default: str) -> str:
            value = given.get(name, "")
            if value and value not in allowed:
                repaired.append(name)
            return value if value in allowed else default

        kind = choice("kind", KINDS, TRAINING.name)
        rows = choice("rows", ROWS, ROWS[0])
        by = choice("by", columns_of(KINDS[kind]), BY)
        return cls(rows, by, kind, tuple(repaired))

    def params(self) -> dict[str, str]:
        """Return the canonical parameters: nothing that is the default."""
        defaults = GapQuery()
        here = {"rows": self.rows, "by": self.by, "kind": self.kind}
        return {name: v for name, v in here.items() if v != getattr(defaults, name)}

    def url(self, path: str = "/gaps") -> str:
        """Return the canonical address."""
        params = self.params()
        return f"{path}?{urlencode(params)}" if params else path

    def changed(self, **values: str) -> "GapQuery":
        """Return the map with another choice, without what that choice does not have."""
        return GapQuery.read((self.params() | values).items())

    def search(self, **filters: str) -> str:
        """Return the search for entries of this kind with these values."""
        return SearchQuery(
            filters={n: (v,) for n, v in (filters | {"kind": self.kind}).items()}
        ).url()
