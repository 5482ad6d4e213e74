"""Entries and pages in the words of schema.org, as JSON-LD."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from directory.entries.kinds import Kind
from directory.entries.queries import Published
from directory.entries.vocabularies import Term, Vocabularies, Vocabulary
from directory.exports.schema_org import FAMILIES, FIELDS, INSTANCE, Left, Roles, To, type_of
from directory.exports.schema_values import ENTRY, Node, Subject, refer, stated
from directory.exports.terms import term_uri, vocabulary_uri
from directory.settings import Settings

CONTEXT = "https://schema.org"
MEDIA_TYPE = "application/ld+json"
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ONE_NODE = ("Audience", "ContactPoint", "Offer", "PostalAddress")
_INERT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def entry_node(published: Published, words: Vocabularies, site: str) -> Node:
    """Return an entry as a node: what is stated, and has a word in schema.org."""
    kind, profile = published.kind, published.profile
    titles = {(link.field, link.slug): link.title for link in published.links}
    subject = Subject(published, words, site, titles)
    type_ = type_of(kind.name, profile, kind.kind_field)
    family = FAMILIES[type_]
    page = site + published.url
    node: Node = {"@type": type_, "@id": page + ENTRY}
    instance: Node = {}
    for name, declared in kind.public_fields.items():
        value, rules = profile.get(name), FIELDS.get(name)
        if value is None or rules is None or isinstance(rules, Left):
            continue
        if isinstance(rules, Roles):
            _add_roles(node, rules, family, value, subject, name)
            continue
        for rule in (rules,) if isinstance(rules, To) else rules:
            if found := rule.property(family):
                target = instance if found.startswith(INSTANCE) else node
                _add(target, found.removeprefix(INSTANCE), rule.write(value, subject, declared))
    _dated(node, type_, instance)
    node.setdefault("url", page)
    node["mainEntityOfPage"] = {
        "@type": "WebPage",
        "@id": page,
        "dateModified": published.entry.updated_at.isoformat(timespec="seconds"),
    }
    return node


def _add_roles(
    node: Node, roles: Roles, family: str, value: Any, subject: Subject, field: str
) -> None:
    for one in value:
        found = roles.property(family, one["role"])
        other = refer(subject, field, "organisation", one["organisation"])
        if found and other:
            _add(node, found, other)


def _dated(node: Node, type_: str, instance: Node) -> None:
    """Finish the runs: those of a course share its mode and workload, others are events.

    An event that takes place once is its run.
    """
    if type_ == "Course":
        runs = _list(node.pop("hasCourseInstance", [])) or ([{}] if instance else [])
        if runs:
            node["hasCourseInstance"] = [
                {"@type": "CourseInstance", **instance, **run} for run in runs
            ]
    elif runs := _list(node.pop("subEvent", [])):
        if len(runs) == 1:
            for name, value in runs[0].items():
                _add(node, "alternateName" if name == "name" else name, value)
        else:
            node["subEvent"] = [{"@type": type_, "name": node.get("name"), **run} for run in runs]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _add(node: Node, name: str, value: Any) -> None:
    """Say one more thing; parts of one offer or address come together, texts follow each other."""
    if value is None or value == []:
        return
    before = node.get(name)
    if before is None:
        node[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
    elif name == "description":
        node[name] = f"{before}\n\n{value}"
    elif isinstance(value, dict) and value.get("@type") in _ONE_NODE and isinstance(before, dict):
        for key, part in value.items():
            if key != "@type":
                _add(before, key, part)
    else:
        node[name] = [*_list(before), *_list(value)]


def document(graph: Node | Sequence[Node]) -> Node:
    """Return a whole document: one node, or several."""
    if isinstance(graph, dict):
        return {"@context": CONTEXT, **graph}
    return {"@context": CONTEXT, "@graph": list(graph)}


def write(data: Node) -> str:
    """Return JSON that stands in a page safely: nothing in it ends the element or is markup."""
    text = _JSON.encode(data)
    for character, escaped in _INERT.items():
        text = text.replace(character, escaped)
    return text


class LinkedData:
    """What templates put into the head of a page, for machines: data, never a script."""

    def __init__(self, settings: Settings) -> None:
        self._site, self._name = settings.base_url, settings.site_name

    def entry(self, published: Published, words: Vocabularies) -> Markup:
        """Return an entry, and the way to it."""
        kind = published.kind
        trail = [(kind.plural, f"/{kind.path}"), (published.entry.title, published.url)]
        return self._element([entry_node(published, words, self._site), self._trail(trail)])

    def home(self) -> Markup:
        """Return the site, with how to search it."""
        target = {
            "@type": "EntryPoint",
            "urlTemplate": f"{self._site}/search?q={{search_term_string}}",
        }
        action = {
            "@type": "SearchAction",
            "target": target,
            "query-input": "required name=search_term_string",
        }
        return self._element({**self._website(), "name": self._name, "potentialAction": action})

    def listing(self, kind: Kind, entries: Iterable[Published], first: int) -> Markup:
        """Return a page of a list; `first` is the position of its first entry, from 1."""
        items = [
            {
                "@type": "ListItem",
                "position": number,
                "url": self._site + e.url,
                "name": e.entry.title,
            }
            for number, e in enumerate(entries, first)
        ]
        items_list: Node = {"@type": "ItemList", "name": kind.plural, "itemListElement": items}
        return self._element([items_list, self._trail([(kind.plural, f"/{kind.path}")])])

    def term(self, term: Term, vocabulary: Vocabulary) -> Markup:
        """Return a term of a vocabulary that has a page of its own."""
        path = f"/{vocabulary.name}"
        return self._element(
            [
                {
                    "@type": "DefinedTerm",
                    "@id": term_uri(self._site, vocabulary.name, term.code),
                    "name": term.label,
                    "termCode": term.code,
                    "url": f"{self._site}{path}/{term.code}",
                    "inDefinedTermSet": vocabulary_uri(self._site, vocabulary.name),
                    **stated({"description": term.definition}),
                },
                self._trail([(vocabulary.title, path), (term.label, f"{path}/{term.code}")]),
            ]
        )

    def vocabulary(self, vocabulary: Vocabulary) -> Markup:
        """Return a vocabulary; its terms stand in its own formats."""
        uri = vocabulary_uri(self._site, vocabulary.name)
        node = {
            "@type": "DefinedTermSet",
            "@id": uri,
            "name": vocabulary.title,
            "description": vocabulary.description,
            "version": vocabulary.version,
            "url": uri,
        }
        trail = [("Vocabularies", "/vocabularies"), (vocabulary.title, uri[len(self._site) :])]
        return self._element([node, self._trail(trail)])

    def page(self, path: str, title: str) -> Markup:
        """Return any other page: its name, and whose it is."""
        return self._element(
            {
                "@type": "WebPage",
                "url": self._site + path,
                "name": Markup(title).unescape(),
                "isPartOf": self._website(),
            }
        )

    def _website(self) -> Node:
        return {"@type": "WebSite", "@id": f"{self._site}/#site", "url": f"{self._site}/"}

    def _trail(self, steps: Iterable[tuple[str, str]]) -> Node:
        return {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": n, "name": name, "item": self._site + path}
                for n, (name, path) in enumerate(steps, 1)
            ],
        }

    def _element(self, graph: Node | Sequence[Node]) -> Markup:
        return Markup(f'<script type="{MEDIA_TYPE}">{write(document(graph))}</script>')
