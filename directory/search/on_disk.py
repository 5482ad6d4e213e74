"""The facets of an index beside it on disk, so that a worker need not read every entry again.

They are those of the moment the index was built, or of the last worker that had to read all; what
changed since is caught up as always. The file is derived, like the index in whose folder it lies:
without it, or where it does not fit, everything is read from the database.
"""

import os
import pickle
from dataclasses import replace
from pathlib import Path

from directory.search.facets import FacetIndex
from directory.search.index import Note

FORMAT = 2
"""Counts up when what is packed is packed differently."""

_NAME = "facets"


def write_facets(folder: Path, note: Note, facets: FacetIndex) -> None:
    """Keep the facets of an index, as of a note; whoever reads meanwhile sees the file before."""
    unfinished = folder / f"{_NAME}.new"
    with open(unfinished, "wb") as file:
        pickle.dump((FORMAT, note), file)
        pickle.dump(replace(facets, _by_size={}, _of_day={}), file, protocol=5)
    os.replace(unfinished, folder / _NAME)


def noted_facets(folder: Path) -> Note | None:
    """Return of which moment the facets on disk are; None where there are none of use.

    The folder is as trustworthy as the code: who may write to it has the secret key, too.
    """
    try:
        with open(folder / _NAME, "rb") as file:
            form, note = pickle.load(file)
    except Exception:
        return None  # A broken file may fail in any way.
    return note if form == FORMAT and isinstance(note, Note) else None


def read_facets(folder: Path) -> FacetIndex | None:
    """Return the facets on disk; None where they cannot be read."""
    try:
        with open(folder / _NAME, "rb") as file:
            pickle.load(file)
            facets = pickle.load(file)
    except Exception:
        return None
    return facets if isinstance(facets, FacetIndex) else None
