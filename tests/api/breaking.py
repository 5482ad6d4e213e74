"""What would break a program that was written for an older description of the API.

Additions break nothing: an address, a parameter that may be left out, a member of an answer, a
value that is taken. What breaks is named in a sentence. No kept-up library of Python compares
OpenAPI 3.1, so the rules stand here; `test_breaking.py` tries each of them on a mutation.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
AT_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")


class Documents:
    """Two descriptions, the older one first, and what was compared already."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self._seen: set[tuple[str, str, bool]] = set()

    def followed(self, schema: Schema, document: Schema) -> Schema:
        """Return what a schema refers to, or itself."""
        while "$ref" in schema:
            found: Any = document
            for part in str(schema["$ref"]).removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def is_new(self, old: Schema, new: Schema, sent: bool) -> bool:
        """Say whether two references were not yet compared, so that cycles end."""
        key = (str(old.get("$ref", id(old))), str(new.get("$ref", id(new))), sent)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def breaking(old: Schema, new: Schema) -> list[str]:
    """Return one sentence for each thing that would break a program written for the old one."""
    both = Documents(old, new)
    return list(dict.fromkeys(_paths(both)))


def _paths(both: Documents) -> Iterator[str]:
    for path, methods in both.old["paths"].items():
        if path not in both.new["paths"]:
            yield f"{path} is gone."
            continue
        for method in METHODS:
            if method not in methods:
                continue
            where = f"{method.upper()} {path}"
            if method not in both.new["paths"][path]:
                yield f"{where} is gone."
                continue
            yield from _operation(both, where, methods[method], both.new["paths"][path][method])


def _operation(both: Documents, where: str, old: Schema, new: Schema) -> Iterator[str]:
    yield from _parameters(both, where, old, new)
    if not old.get("security") and new.get("security"):
        yield f"{where}: a token is needed now."
    yield from _body(both, where, old.get("requestBody"), new.get("requestBody"))
    for status, answer in old.get("responses", {}).items():
        after = new.get("responses", {}).get(status)
        if after is None:
            yield f"{where}: it never answers {status} any more."
            continue
        yield from _content(both, f"{where}, answer {status}", answer, after, sent=False)
        for name in answer.get("headers", {}):
            if name not in after.get("headers", {}):
                yield f"{where}, answer {status}: the header {name} is gone."


def _parameters(both: Documents, where: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = (
        {(p["in"], p["name"]): p for p in operation.get("parameters", [])}
        for operation in (old, new)
    )
    for (place, name), parameter in before.items():
        said = f"{where}, parameter {name}"
        if (place, name) not in after:
            yield f"{said}: it is gone."
            continue
        now = after[place, name]
        if now.get("required") and not parameter.get("required"):
            yield f"{said}: it is needed now."
        yield from _schema(
            both, said, parameter.get("schema", {}), now.get("schema", {}), sent=True
        )
    for (place, name), parameter in after.items():
        if parameter.get("required") and (place, name) not in before:
            yield f"{where}, parameter {name}: it is new and needed."


def _body(both: Documents, where: str, old: Schema | None, new: Schema | None) -> Iterator[str]:
    said = f"{where}, body"
    if new and new.get("required") and not (old or {}).get("required"):
        yield f"{said}: it is needed now."
    if old and not new:
        yield f"{said}: it is taken no more."
    if old and new:
        yield from _content(both, said, old, new, sent=True)


def _content(both: Documents, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    for kind, content in old.get("content", {}).items():
        if kind not in new.get("content", {}):
            yield f"{where}: {kind} is gone."
            continue
        after = new["content"][kind]
        yield from _schema(
            both, where, content.get("schema", {}), after.get("schema", {}), sent=sent
        )


def _schema(both: Documents, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    """Compare what may be sent, or what is answered."""
    if not both.is_new(old, new, sent):
        return
    old, new = both.followed(old, both.old), both.followed(new, both.new)
    olds, news = _choices(both, old, both.old), _choices(both, new, both.new)
    if len(olds) > 1 or len(news) > 1:
        yield from _choices_differ(both, where, olds, news, sent=sent)
        return
    yield from _types(where, old, new, sent=sent)
    yield from _values(where, old, new, sent=sent)
    if sent:
        yield from _limits(where, old, new)
    yield from _members(both, where, old, new, sent=sent)
    if "items" in old and "items" in new:
        yield from _schema(both, f"{where}[]", old["items"], new["items"], sent=sent)
    more, after = old.get("additionalProperties"), new.get("additionalProperties")
    if isinstance(more, Mapping) and isinstance(after, Mapping):
        yield from _schema(both, f"{where}.*", more, after, sent=sent)
    elif sent and after is False and more is not False and old.get("type") == "object":
        yield f"{where}: members of any other name are refused now."


def _choices(both: Documents, schema: Schema, document: Schema) -> dict[str, Schema]:
    """Return what a value may be, by the name of its schema or type."""
    found = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return {_key(one): both.followed(one, document) for one in found}


def _key(schema: Schema) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2] or str(schema.get("type") or "enum")


def _choices_differ(
    both: Documents,
    where: str,
    before: dict[str, Schema],
    after: dict[str, Schema],
    *,
    sent: bool,
) -> Iterator[str]:
    for key, schema in before.items():
        if key in after:
            yield from _schema(both, where, schema, after[key], sent=sent)
        elif sent:
            yield f"{where}: {key} is taken no more."
    for key in after.keys() - before.keys():
        if not sent:
            yield f"{where}: it can be {key} now, which it never was."


def _kinds(schema: Schema) -> set[str]:
    kind = schema.get("type")
    found = set(kind) if isinstance(kind, list) else {kind} if kind else set()
    return found | ({"integer"} if "number" in found else set())


def _types(where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    before, after = _kinds(old), _kinds(new)
    lost = (before or {"any type"}) - after if sent and after else set()
    gained = (after or {"any type"}) - before if not sent and before else set()
    if lost or gained:
        yield (
            f"{where}: its type was {' or '.join(sorted(before)) or 'any'} and is "
            f"{' or '.join(sorted(after)) or 'any'} now."
        )
    if old.get("format") != new.get("format") and not (sent and "format" not in new):
        yield f"{where}: its format was {old.get('format')} and is {new.get('format')} now."


def _values(where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    before, after = (s.get("enum") or ([s["const"]] if "const" in s else None) for s in (old, new))
    if after is None and before is not None and not sent:
        yield f"{where}: it can be anything now."
    if after is None:
        return
    if before is None:
        if sent:
            yield f"{where}: only some values are taken now."
        return
    gone = [v for v in before if v not in after]
    if sent and gone:
        yield f"{where}: the value {', '.join(map(str, gone))} is taken no more."


def _limits(where: str, old: Schema, new: Schema) -> Iterator[str]:
    for names, sign in ((AT_MOST, -1), (AT_LEAST, 1)):
        for name in names:
            if name in new and (name not in old or sign * (new[name] - old[name]) > 0):
                yield f"{where}: {name} was {old.get(name, 'not set')} and is {new[name]} now."
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{where}: it must look like {new['pattern']} now."


def _members(both: Documents, where: str, old: Schema, new: Schema, *, sent: bool) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needed_now = set(old.get("required", [])), set(new.get("required", []))
    for name, schema in before.items():
        if name not in after:
            yield f"{where}, {name}: the field is gone."
        else:
            yield from _schema(both, f"{where}, {name}", schema, after[name], sent=sent)
    if sent:
        for name in sorted(needed_now - needed):
            yield f"{where}, {name}: it is needed now."
    else:
        for name in sorted(needed & set(after) - needed_now):
            yield f"{where}, {name}: it may be missing now."
