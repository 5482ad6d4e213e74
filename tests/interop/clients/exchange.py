"""What other catalogues harvest: OAI-PMH and MOOChub."""

import json
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from sickle import Sickle
from sickle.oaiexceptions import NoRecordsMatch

from tests.interop.registry import row
from tests.interop.site import SHARED, NoSchema, Site


def _sickle(site: Site) -> Sickle:
    site.get("/oai?verb=Identify")
    return Sickle(f"{site.address}/oai")


@row("OAI-PMH 2.0, whole", "/oai", "sickle")
def harvest(site: Site, errors: list[str]) -> int:
    """Harvest everything: each record once, with a title, and as many as there are entries."""
    client = _sickle(site)
    if client.Identify().protocolVersion != "2.0":
        errors.append("the version of the protocol is not 2.0")
    if "oai_dc" not in [f.metadataPrefix for f in client.ListMetadataFormats()]:
        errors.append("oai_dc is not offered")
    found: dict[str, Any] = {}
    for record in client.ListRecords(metadataPrefix="oai_dc"):
        key = record.header.identifier
        if key in found:
            errors.append(f"{key} came twice")
        found[key] = record
        if not record.header.deleted and not record.metadata.get("title"):
            errors.append(f"{key} has no title")
    alive = sum(not record.header.deleted for record in found.values())
    if alive != site.total():
        errors.append(f"{alive} records, {site.total()} entries")
    for key in list(found)[:5]:
        if client.GetRecord(identifier=key, metadataPrefix="oai_dc").header.identifier != key:
            errors.append(f"GetRecord gave another record than {key}")
    return len(found)


@row("OAI-PMH 2.0, sets", "/oai?verb=ListSets", "sickle")
def sets(site: Site, errors: list[str]) -> int:
    """Harvest every set: what is in it says so in its header."""
    client, read = _sickle(site), 0
    for one in client.ListSets():
        try:
            headers = list(client.ListIdentifiers(metadataPrefix="oai_dc", set=one.setSpec))
        except NoRecordsMatch:
            continue
        errors += [
            f"{h.identifier} came with {one.setSpec} but does not say so"
            for h in headers
            if not any(f"{spec}:".startswith(f"{one.setSpec}:") for spec in h.setSpecs)
        ]
        read += len(headers)
    return read


@row("MOOChub 3.0", "/moochub/courses", "jsonschema")
def moochub(site: Site, errors: list[str]) -> int:
    """Read the courses; of the seed none may have a licence, and then the feed is rightly empty."""
    found = site.json("/moochub/courses")
    if not (path := SHARED / "moochub-3.json").exists():
        raise NoSchema(path.name)
    schema = json.loads(path.read_text(encoding="utf-8"))
    checker = Draft202012Validator(schema, format_checker=FormatChecker())
    errors += [f"{e.json_path}: {e.message}" for e in checker.iter_errors(found)]
    errors += [f"links has no {n}" for n in ("self", "first", "last") if n not in found["links"]]
    # The answer itself is the record where no course may be given out.
    return len(found["data"]) or 1
