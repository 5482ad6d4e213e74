"""Save what a file changes as drafts, a few hundred at a time, each time whole or not at all.

Whoever is stopped half-way runs it again: what is saved already is no change any more.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlmodel import Session

from directory.accounts.models import User
from directory.audit import record
from directory.curation.saving import Saved, save_drafts
from directory.db import Database, write_alone
from directory.imports.entries import Plan, Planned, in_batches
from directory.imports.rows import Row

Noted = Callable[[Session, list[Planned]], None]


def apply(
    database: Database,
    rows: Iterable[Row],
    plan: Plan,
    file: str,
    *,
    by: User | None,
    note: Noted | None = None,
) -> Iterator[list[Planned]]:
    """Save what is new or different in a file; yield what became of the rows, batch by batch.

    Each batch is judged again and saved in one transaction, in which `note` may write as well.
    """
    for some in in_batches(rows):
        with database.writing() as session:
            write_alone(session)
            planned = plan.rows(session, some)
            session.expunge_all()
            saved = [p for p in planned if p.draft]
            if saved:
                save_drafts(
                    session,
                    [
                        Saved(p.draft, p.existing.entry if p.existing else None, p.base + 1)
                        for p in saved
                        if p.draft
                    ],
                    by=by,
                    comment=f"Imported from {file}.",
                )
                record(session, "import", file, by=by, drafts=len(saved))
            if note:
                note(session, planned)
        yield planned
