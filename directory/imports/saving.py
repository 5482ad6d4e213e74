"""Save what a file changes as drafts, a few hundred at a time, each time whole or not at all.

Whoever is stopped half-way runs it again: what is saved already is no change any more.
"""

from collections.abc import Callable, Iterable, Iterator

from sqlmodel import Session

from directory.accounts.models import User
from directory.audit import record
from directory.curation.saving import save_drafts
from directory.db import Database, last_change, write_alone
from directory.imports.entries import Batch, Judged, Plan, Planned
from directory.imports.existing import newest_numbers

Noted = Callable[[Session, list[Planned]], None]


def apply(
    database: Database,
    batches: Iterable[Batch],
    plan: Plan,
    file: str,
    *,
    by: User | None,
    note: Noted | None = None,
) -> Iterator[list[Planned]]:
    """Save what is new or different in a file; yield what became of the rows, batch by batch.

    Each batch is judged and saved in one transaction, in which `note` may write as well. What
    was judged beforehand is judged again where the catalogue has changed since.
    """
    for batch in batches:
        with database.writing() as session:
            write_alone(session)
            if batch.judged and _still_so(session, batch.judged):
                planned = batch.judged.planned
            else:
                planned = plan.rows(session, batch.rows())
            planned = plan.once(planned)
            session.expunge_all()
            drafts = [one.draft for one in planned if one.draft]
            if drafts:
                save_drafts(session, drafts, by=by, comment=f"Imported from {file}.")
                record(session, "import", file, by=by, drafts=len(drafts))
            if note:
                note(session, planned)
        yield planned


def _still_so(session: Session, judged: Judged) -> bool:
    """Say whether nobody has published, saved or added anything that these drafts rest on."""
    if last_change(session) != judged.change:
        return False
    drafts = {one.entry: one.draft for one in judged.planned if one.draft and one.entry}
    here = newest_numbers(session, drafts)
    return here == {
        key: (draft.entry.id, draft.entry.state, draft.number - 1)
        for key, draft in drafts.items()
        if draft.entry
    }
