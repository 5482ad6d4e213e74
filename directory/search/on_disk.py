"""The facets of an index beside it on disk, so that a worker need not read every entry again.

They are those of the moment the index was built, or of the last worker that had to read all; what
changed since is caught up as always. The file is derived, like the index in whose folder it lies:
without it, or where it does not fit, everything is read from the database.

What is packed is mapped and not read: workers of one machine share it, and it takes no memory that
the system could not use for something else.
"""

import os
import pickle
from array import array
from dataclasses import replace
from io import BytesIO
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from directory.search.facets import FacetIndex
from directory.search.index import Note

FORMAT = 3
"""Counts up when what is packed is packed differently."""

LEAST = 4_096
"""Bytes. What is smaller is copied: it would take a page of memory either way."""

ALIGNED = 64
"""Each part of the file begins at a multiple of so many bytes."""

_NAME = "facets"


class _Packer(pickle.Pickler):
    """Hands out what is packed, to be written beside everything else (PEP 574)."""

    def reducer_override(self, obj: Any) -> Any:
        """Say how an object is made again, if it is packed."""
        if isinstance(obj, array) and obj.itemsize * len(obj) >= LEAST:
            return _mapped, (pickle.PickleBuffer(obj), obj.typecode)
        return NotImplemented


def _mapped(part: memoryview, code: str) -> "memoryview[Any]":
    """Return a part of a file as what it was packed from."""
    return part.cast("B").cast(code)  # type: ignore[call-overload,no-any-return]


def write_facets(folder: Path, note: Note, facets: FacetIndex) -> None:
    """Keep the facets of an index, as of a note; whoever reads meanwhile sees the file before."""
    packed: list[pickle.PickleBuffer] = []
    whole = BytesIO()
    packer = _Packer(whole, protocol=5, buffer_callback=packed.append)
    packer.dump(replace(facets, _by_size={}, _of_day={}))
    parts = [whole.getbuffer(), *(buffer.raw() for buffer in packed)]
    unfinished = folder / f"{_NAME}.new"
    with open(unfinished, "wb") as file:
        pickle.dump((FORMAT, note, [len(part) for part in parts]), file)
        for part in parts:
            file.write(bytes(-file.tell() % ALIGNED))
            file.write(part)
        # Nobody looks at what is packed before it is used: it must be there before its name is.
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, folder / _NAME)


def noted_facets(folder: Path) -> Note | None:
    """Return of which moment the facets on disk are; None where there are none of use.

    The folder is as trustworthy as the code: who may write to it has the secret key, too.
    """
    try:
        with open(folder / _NAME, "rb") as file:
            form, note, *_ = pickle.load(file)
    except Exception:
        return None  # A broken file may fail in any way.
    return note if form == FORMAT and isinstance(note, Note) else None


def read_facets(folder: Path) -> FacetIndex | None:
    """Return the facets on disk; None where they cannot be read."""
    try:
        with open(folder / _NAME, "rb") as file:
            _, _, sizes = pickle.load(file)
            end, view = file.tell(), memoryview(mmap(file.fileno(), 0, access=ACCESS_READ))
        parts = []
        for size in sizes:
            start = end + -end % ALIGNED
            end = start + size
            parts.append(view[start:end])
        facets = pickle.loads(parts[0], buffers=parts[1:])
    except Exception:
        return None
    return facets if isinstance(facets, FacetIndex) and end == len(view) else None
