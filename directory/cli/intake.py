"""The command that reads a profile."""

import json
from pathlib import Path
from typing import Any

import click

from directory.cli.command import main
from directory.settings import Settings

JSON_HELP = """\b
With --json it prints one object:
  source     slug under which what was decided is remembered
  document   name, sha256 of the text, number of paragraphs and of characters
  reading    address at the desk, with --save; else null
  saved      number of drafts that were saved
  proposals  a list; each has
    key, kind, slug, title
    action      new, or update of SLUG
    confidence  0 to 1, and rule: why it is proposed
    status      proposed, accepted, rejected or merged (remembered decisions)
    matches     entries of the catalogue that are alike: slug, title, score, reasons
    passages    where it is named: block, locator, start, end, text
    values      field, value, passage, confidence, rule, status, and
                claim: stated (the text says so) or derived (our reading)
Positions count characters of the paragraph (block), from 0."""


@main.command(epilog=JSON_HELP)
@click.argument("file_or_url")
@click.option("--organisation", default="", help="The organisation it is about, by its slug.")
@click.option("--json", "as_json", is_flag=True, help="Print the proposals as JSON; see below.")
@click.option(
    "--save", is_flag=True, help="Keep the reading, and save what is new and sure as drafts."
)
@click.option("--source", default="", help="Slug of the source; else made from the file's name.")
@click.pass_obj
def intake(
    settings: Settings, file_or_url: str, organisation: str, as_json: bool, save: bool, source: str
) -> None:
    """Read a profile (text, Markdown, HTML, PDF, DOCX or a URL) into proposed entries.

    Nothing is ever published, and nothing is saved without --save: then the reading waits at
    /curation/intake, and new entries of a confidence of 0.7 and more are saved as drafts.
    """
    from directory.db import Database, make_engine
    from directory.imports.intake.readers import read_file, read_url
    from directory.imports.intake.service import (
        keep_reading,
        read_profile,
        save_sure,
        source_slug,
    )

    if file_or_url.startswith(("http://", "https://")):
        from directory.imports.fetch import Fetcher

        document = read_url(Fetcher(settings.base_url), file_or_url)
    else:
        document = read_file(Path(file_or_url))
    slug = source or source_slug(document.name)
    database = Database(make_engine(settings.database_url))
    with database.reading() as session:
        proposals = read_profile(session, document, source=slug, organisation=organisation)
    address, saved = None, 0
    if save:
        with database.writing() as session:
            reading = keep_reading(
                session, document, proposals, source=slug, title=document.name, by=None
            )
            saved = save_sure(session, reading)
            address = f"{settings.base_url}/curation/intake/{reading.id}"
    if as_json:
        said = {
            "source": slug,
            "document": {
                "name": document.name,
                "sha256": document.digest,
                "paragraphs": len(document.blocks),
                "characters": sum(len(b.text) for b in document.blocks),
            },
            "reading": address,
            "saved": saved,
            "proposals": [p.to_json(document) for p in proposals],
        }
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return
    _print(document, proposals)
    if save:
        click.echo(f"{saved} drafts saved; the rest waits at {address}")


def _print(document: Any, proposals: list[Any]) -> None:
    for proposal in proposals:
        about = f"update of {proposal.update}" if proposal.update else "new"
        head = f"{proposal.kind.label}: {proposal.title} ({about}, {proposal.state})"
        click.echo(f"{head}  {proposal.confidence:.2f}, {proposal.rule}")
        for value in proposal.values:
            place = document.blocks[value.place.block].locator
            said = value.value
            if isinstance(said, dict):
                said = ", ".join(str(v) for v in said.values())
            click.echo(f"      {value.field}: {said}  {value.confidence:.2f}, {place}")
    click.echo(f"{len(proposals)} entries proposed from {document.name}.")
