"""The check of the standbys that visitors read from."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from directory.db import make_looking_engine
from directory.doctor.findings import PATIENCE, Place, Said, counted, fault, ok, warning
from directory.errors import DirectoryError

LATE = timedelta(seconds=10)
FAR = 64_000_000
"""Bytes of the write-ahead log: so far behind, a standby is copied anew rather than caught up."""

_STATE = sa.text(
    "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn(), "
    "extract(epoch FROM now() - pg_last_xact_replay_timestamp()), "
    "(SELECT count(*) FROM pg_stat_wal_receiver)"
)


def standbys(place: Place) -> Said:
    """Find a standby that does not answer, follows nobody, or is far behind the primary."""
    try:
        named = place.settings.standbys
        if not named:
            return ok("No standbys are named; everybody reads from the one database.")
        if not place.is_postgres:
            return fault(
                "Standbys are named, but the database is SQLite.",
                "Remove DIRECTORY_REPLICA_URLS, or move to PostgreSQL.",
            )
    except DirectoryError as error:
        return fault(str(error), "Set DIRECTORY_DATABASE_URL.")
    for number, url in enumerate(named, 1):
        if said := _of_one(place, number, url):
            return said
    if not _waits(place):
        return warning(
            "The primary acknowledges what no standby has: if it dies, saves may be lost.",
            "Set synchronous_standby_names on every server, as the guide for operators says.",
        )
    return ok(f"{counted(len(named), 'standby answers', 'standbys answer')}, and keep up.")


def _of_one(place: Place, number: int, url: str) -> Said | None:
    """Return what is wrong with a standby, None when nothing is."""
    name = f"Standby {number} of DIRECTORY_REPLICA_URLS"
    try:
        engine = make_looking_engine(url, PATIENCE)
        with engine.connect() as connection:
            recovers, position, late, receivers = connection.execute(_STATE).one()
    except (SQLAlchemyError, DirectoryError) as error:
        reason = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
        return fault(
            f"{name} does not answer: {reason}.",
            "See whether it runs, and whether the address is right. Visitors read from the others.",
        )
    if not recovers:
        return warning(
            f"{name} is no standby: it can be written to.",
            "If it was promoted, that is right for now: make another standby, and name that one.",
        )
    behind = _behind(place, str(position))
    if behind and not receivers:
        return fault(
            f"{name} follows no primary.",
            "Name the primary in its primary_conninfo, and reload it.",
        )
    if behind > FAR or (behind and late and timedelta(seconds=float(late)) > LATE):
        return warning(
            f"{name} is {counted(behind, 'byte', 'bytes')} behind the primary.",
            "See whether its disk or the line to it is slow. Visitors do not read from it "
            "meanwhile.",
        )
    return None


def _behind(place: Place, position: str) -> int:
    """Return how many bytes of its log the primary is ahead of a position."""
    if place.trouble:
        return 0
    with place.engine.connect() as connection:
        ahead = connection.scalar(
            sa.text(
                "SELECT CASE WHEN pg_is_in_recovery() THEN 0 "
                "ELSE pg_current_wal_lsn() - CAST(:position AS pg_lsn) END"
            ),
            {"position": position},
        )
    return max(0, int(ahead or 0))


def _waits(place: Place) -> bool:
    """Say whether the primary waits for a standby before it acknowledges."""
    if place.trouble:
        return True
    with place.engine.connect() as connection:
        return bool(connection.scalar(sa.text("SHOW synchronous_standby_names")))
