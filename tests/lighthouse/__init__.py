"""Lighthouse judges the five main pages, as `make lighthouse` runs it."""
