"""What is wrong with an installation: checks that only look, each by itself.

No check changes anything, and what goes wrong in one is no trouble to the others. A check that
cannot look at its subject says so; the check of the database says why.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from directory.db import now
from directory.doctor import machine, standbys, storage, work
from directory.doctor.findings import PATIENCE, Level, NotSeen, Place, Said
from directory.imports.fetch import Fetcher, Pace
from directory.settings import Settings

__all__ = ["CHECKS", "Finding", "Level", "examine"]

Check = Callable[[Place], Said]

CHECKS: dict[str, Check] = {
    "settings": machine.variables,
    "address": machine.address,
    "reachable": machine.answers,
    "secret key": machine.secret_key,
    "data folder": machine.data_folder,
    "files": machine.installed_files,
    "database": storage.database,
    "schema": storage.schema,
    "storage": storage.storage,
    "standbys": standbys.standbys,
    "clock": machine.clock,
    "search index": storage.search_index,
    "audit log": storage.audit_log,
    "administrator": work.administrator,
    "mail server": work.mail_server,
    "waiting mail": work.waiting_mail,
    "backup": work.backup,
    "links": work.links,
    "feeds": work.harvest,
    "alerts": work.alerts,
    "reminders": work.reminders,
    "dump": work.dump,
    "webhooks": work.webhooks,
}


@dataclass(frozen=True)
class Finding:
    """What one check found: how bad it is, what it is, and what to do."""

    check: str
    level: Level
    found: str
    todo: str


def examine(
    settings: Settings,
    *,
    environment: Mapping[str, str] | None = None,
    fetcher: Fetcher | None = None,
    moment: datetime | None = None,
) -> Iterator[Finding]:
    """Yield what each check finds, in their order; raises nothing and writes nothing."""
    place = Place(
        settings,
        dict(os.environ if environment is None else environment),
        fetcher or Fetcher(settings.base_url, seconds=PATIENCE, pace=Pace(0)),
        moment or now(),
    )
    for name, check in CHECKS.items():
        said = _asked(check, place)
        yield Finding(name, said.level, said.found, said.todo)


def _asked(check: Check, place: Place) -> Said:
    """Ask one check; what it cannot see is unknown, and never the end of the others."""
    try:
        return check(place)
    except NotSeen as error:
        return Said(Level.UNKNOWN, str(error))
    except Exception as error:  # A broken installation breaks in ways that nobody has thought of.
        reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        return Said(Level.UNKNOWN, f"This could not be looked at: {reason}.")
