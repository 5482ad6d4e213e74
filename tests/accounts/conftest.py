"""Hashes that cost nothing: what is tested is not how slow argon2 is."""

from tests.people import quick_hashes

__all__ = ["quick_hashes"]
