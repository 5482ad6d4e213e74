"""Checks of the settings and of the machine: what can be wrong before a database is asked."""

import os
import shutil
import stat
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlmodel import col

from directory.accounts.factors import PURPOSE
from directory.accounts.models import Totp
from directory.alerts.models import Reader
from directory.db import Change
from directory.doctor.findings import DAILY, NotSeen, Place, Said, fault, ok, warning
from directory.errors import Invalid, SourceFailed
from directory.imports.guard import NotConnected, Refused
from directory.languages import FOLDER, is_compiled
from directory.sealing import unseal
from directory.settings import PACKAGE, Settings, data
from directory.webhooks.models import Webhook

PREFIX = "DIRECTORY_"
NOT_OURS = "DIRECTORY_TEST_"
SHORTEST_KEY = 32
FEWEST_CHARACTERS = 8
LITTLE, TOO_LITTLE = 1_000_000_000, 100_000_000
"""Free bytes."""

ZONES = ("Africa/Nairobi", "Asia/Kolkata", "Pacific/Apia")


def variables(place: Place) -> Said:
    """Find settings that are spelt wrong: they are passed over without a word."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    given = {n.upper() for n in place.environment if n.upper().startswith(PREFIX)}
    strange = sorted(n for n in given - known if not n.startswith(NOT_OURS))
    if not strange:
        return ok(f"{len(given & known)} of {len(known)} settings are set.")
    near = get_close_matches(strange[0], known, n=1, cutoff=0.5)
    meant = f"Did you mean {near[0]}? " if near else ""
    return warning(
        f"There is no such setting: {', '.join(strange)}.",
        f"{meant}`directory settings` lists them all.",
    )


def address(place: Place) -> Said:
    """Judge the public address by itself, without asking it."""
    base, todo = place.settings.base_url, "Set DIRECTORY_BASE_URL, for example https://example.org."
    try:
        url = urlsplit(base)
        _ = url.port
    except ValueError:
        url = urlsplit("")
    if url.scheme not in ("http", "https") or not url.hostname:
        return fault(f"The public address {base} is no web address.", todo)
    if url.path or url.query or url.fragment:
        return fault(
            f"The public address {base} has something after its host; links would lead nowhere.",
            f"Set DIRECTORY_BASE_URL to {url.scheme}://{url.netloc}, without a slash at the end.",
        )
    if not place.is_public:
        if place.settings.smtp_url:
            return fault(
                f"Mail goes out, and its links lead to {base}, which nobody reaches.", todo
            )
        return ok(f"{base}: for this machine alone.")
    if url.scheme == "http":
        return fault(
            f"The public address {base} is not encrypted: passwords can be read on the way.",
            "Let a web server such as Caddy or nginx speak https before it, and set "
            f"DIRECTORY_BASE_URL to https://{url.netloc}.",
        )
    return ok(f"The public address is {base}.")


def answers(place: Place) -> Said:
    """Ask the public address, as any visitor would, whether it leads to this site."""
    base = place.settings.base_url
    if not place.is_public or urlsplit(base).scheme not in ("http", "https"):
        raise NotSeen("There is no public address.")
    try:
        answer = place.fetcher.fetch(f"{base}/.well-known/security.txt")
    except NotConnected as error:
        return fault(
            str(error),
            "See whether the name, the certificate and the web server before it are right.",
        )
    except (Refused, SourceFailed) as error:
        raise NotSeen(str(error)) from error
    if answer.status != 200:
        return fault(
            f"{base} answers {answer.status}.",
            "See whether `directory serve` runs, and whether the web server before it passes on to "
            "its port.",
        )
    if f"Canonical: {base}/" not in answer.body.decode("utf-8", "replace"):
        return fault(
            f"At {base} another site answers, or this one with another public address.",
            "Give the server that runs the same DIRECTORY_BASE_URL, and start it again.",
        )
    return ok(f"{base} leads to this site.")


def secret_key(place: Place) -> Said:
    """Find a key that is gone, can be guessed, can be read by others, or is another than before."""
    given, file = place.settings.secret_key, place.settings.data_dir / "secret.key"
    todo = (
        'Make one with `python -c "import secrets; print(secrets.token_hex(32))"`. People then set '
        "up their authenticator apps again."
    )
    if given is None:
        if not file.exists():
            if _sealed(place):
                return fault(
                    f"The secret key {file} is gone; authenticator apps, webhooks and readers who "
                    "follow something need it.",
                    "Put it back from where you keep it; without it people set these up again.",
                )
            return ok("The first start makes a secret key.")
        if file.stat().st_mode & stat.S_IRWXO:
            return fault(
                f"Everybody on this machine can read the secret key {file}.",
                f"Run `chmod 600 {file}`.",
            )
        try:
            given = file.read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            return fault(f"The secret key {file} cannot be read: {error}.", "Put it back.")
    if len(given) < SHORTEST_KEY or len(set(given)) < FEWEST_CHARACTERS:
        return fault("The secret key is too short or too simple: it can be guessed.", todo)
    if not all(_opens(given, *one) for one in _sealed(place)):
        return fault(
            "The secret key is another than the one that secrets in the database were sealed with.",
            "Put back the key that belongs to this database: secret.key of its data folder, or "
            "DIRECTORY_SECRET_KEY.",
        )
    return ok("The secret key is good.")


def _sealed(place: Place) -> list[tuple[str, str]]:
    """Return (purpose, sealed text) of the newest secret of each kind; none if nobody can look."""
    kinds: list[tuple[str, Any]] = [
        (PURPOSE, sa.select(col(Totp.sealed)).order_by(col(Totp.created_at).desc())),
        ("webhook", sa.select(col(Webhook.sealed)).order_by(col(Webhook.created_at).desc())),
        ("alerts", sa.select(col(Reader.sealed)).order_by(col(Reader.id).desc())),
    ]
    try:
        with place.reading() as session:
            found = [(purpose, session.scalar(rows.limit(1))) for purpose, rows in kinds]
    except (NotSeen, sa.exc.SQLAlchemyError):
        return []
    return [(purpose, text) for purpose, text in found if text]


def _opens(secret: str, purpose: str, text: str) -> bool:
    try:
        unseal(secret, purpose, text)
    except Invalid:
        return False
    return True


def data_folder(place: Place) -> Said:
    """Find a folder that is missing, closed or full."""
    folder = place.settings.data_dir
    if not folder.exists():
        return warning(
            f"There is no data folder {folder.absolute()} yet.",
            "The first start makes it; if the site has run before, set DIRECTORY_DATA_DIR to the "
            "folder that it used.",
        )
    if closed := _closed(folder):
        return fault(
            f"Nothing can be written to {closed.absolute()}.",
            "Give the data folder to the user who runs the site: `chown -R USER FOLDER`. It "
            "happens when a command was run as another user.",
        )
    places = {folder, *([place.file.absolute().parent] if place.file else [])}
    free, where = min((shutil.disk_usage(p).free, p) for p in places if p.is_dir())
    if free < LITTLE:
        say = fault if free < TOO_LITTLE else warning
        return say(
            f"Only {free // 1_000_000} MB are free where {where.absolute()} lies.",
            "Make room: old backups and dumps are the largest.",
        )
    return ok(f"{folder.absolute()} can be written to; {free // 1_000_000_000} GB are free.")


def _closed(folder: Path) -> Path | None:
    """Return what in a data folder this user cannot write to; None when it is all open."""
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return folder
    index = folder / "index"
    within = [*folder.iterdir(), *(index.iterdir() if os.access(index, os.R_OK) else ())]
    return next((path for path in within if not os.access(path, os.W_OK)), None)


def installed_files(place: Place) -> Said:
    """Find what an installation should have made and a clean-up has taken away."""
    wanted = [
        *(data(name) for name in ("templates", "migrations", "seed")),
        PACKAGE / "web" / "static" / "htmx.min.js",
    ]
    missing = [str(path) for path in wanted if not path.exists()]
    again = "Install it again: `make setup`, or `pip install` of the same release."
    if missing:
        return fault(f"Files of the program are missing: {', '.join(missing)}.", again)
    late = [source.stem for source in sorted(FOLDER.glob("*.po")) if not is_compiled(source)]
    if late:
        return warning(
            f"Translations are not compiled ({', '.join(late)}): the first page in each takes a "
            "second longer, in every worker.",
            again,
        )
    return ok("Everything that the program needs is there.")


def clock(place: Place) -> Said:
    """Find a clock that was set back, and time zones that nobody knows."""
    try:
        for name in ZONES:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        return fault(
            "The time zones of the world are not installed; deadlines cannot be worked out.",
            "Run `pip install tzdata`.",
        )
    with place.reading() as session:
        newest = session.scalar(sa.select(sa.func.max(col(Change.at))))
        there = session.scalar(sa.select(sa.func.clock_timestamp())) if place.is_postgres else None
    if newest and newest - place.moment > DAILY / 48:
        return fault(
            f"The clock says {place.moment:%Y-%m-%d %H:%M} UTC, but something was published at "
            f"{newest:%Y-%m-%d %H:%M} UTC.",
            "Set the clock, for example with `timedatectl set-ntp true`.",
        )
    if there and abs((there - place.moment).total_seconds()) > 60:
        return warning(
            "The clocks of this machine and of the database are more than a minute apart.",
            "Set both, for example with `timedatectl set-ntp true`.",
        )
    return ok("The clock agrees with what was published, and time zones are known.")
