"""Graphs of RDF as files: the two ways of writing them, by the ending of their address."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rdflib import Graph

MEDIA_TYPES = {"ttl": "text/turtle", "jsonld": "application/ld+json"}
_NAMES = {"ttl": "turtle", "jsonld": "json-ld"}


def write_graph(graph: "Graph", ending: str) -> bytes:
    """Return a graph as a file; raises KeyError for an unknown ending."""
    # Only JSON-LD has what the last word is about.
    return graph.serialize(format=_NAMES[ending], encoding="utf-8", auto_compact=True)
