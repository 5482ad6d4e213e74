"""Bring it in: the seed, and readers of files."""
