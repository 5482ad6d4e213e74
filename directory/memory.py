"""How a process treats its memory: garbage is looked for seldom, and what is free is given back."""

import ctypes
import gc
from contextlib import suppress

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3


def collect_seldom() -> None:
    """Look for garbage less often than a small program does.

    What is kept of results, and entries that are read and let go, have no cycles: to look through
    them takes a tenth of the time of a first question, and a seventh of that of an index.
    """
    gc.set_threshold(50_000, 20, 100)


def settle() -> None:
    """Spare the collector what is there to stay, and give back what making it took."""
    gc.collect()
    gc.freeze()
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
    collect_seldom()
    gc.enable()


def give_back() -> None:
    """Return to the system what a large answer took, where the C library is glibc (mallopt(3)).

    Threads share one heap, since each would keep its own and the interpreter lets one work at a
    time anyway; and large pieces are no part of it, however many there were before. At a million
    entries that made 0.49 GB of 0.7.
    """
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, 1)
        library.mallopt(M_MMAP_THRESHOLD, 1_000_000)
