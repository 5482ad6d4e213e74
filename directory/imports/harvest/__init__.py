"""Feeds: what others publish, read again and again into drafts that curators review.

A feed is registered, tried out and approved by people. A run reads it (`reading.py` and a reader
for each format), works out what would change (`matching.py`, `planning.py`) and writes drafts
(`runs.py`). Nothing of a feed is ever published by itself.
"""
