"""Faults of settings and of the machine are named, with what to do."""

import os
import shutil
import sys
import zoneinfo
from datetime import timedelta
from pathlib import Path

import pytest

from directory.alerts.models import Reader
from directory.db import now
from directory.doctor import Level
from directory.sealing import seal
from tests.doctor.clinic import Clinic, told
from tests.imports.sites import certificate, fetcher_for, running, says, sends_on


def test_a_misspelt_setting(clinic: Clinic) -> None:
    clinic.environment = {"DIRECTORY_SMTP": "x", "DIRECTORY_TEST_ALL": "1", "HOME": "/"}
    said = told(clinic.ask(), "settings", Level.WARNING)
    assert "DIRECTORY_SMTP." in said and "DIRECTORY_SMTP_URL" in said
    assert "TEST_ALL" not in said


@pytest.mark.parametrize(
    ("base", "more", "word"),
    [
        ("example.org", {}, "no web address"),
        ("https://[bad", {}, "no web address"),
        ("https://example.org/", {}, "https://example.org, without"),
        ("http://directory.example.org", {}, "not encrypted"),
        ("http://127.0.0.1:8000", {"smtp_url": "smtp://127.0.0.1:1"}, "nobody reaches"),
    ],
)
def test_a_public_address_that_is_wrong(
    clinic: Clinic, base: str, more: dict[str, str], word: str
) -> None:
    clinic.set(base_url=base, **more)
    with running() as site:
        assert word in told(clinic.ask(fetcher=fetcher_for(site)), "address", Level.FAULT)


def test_a_public_address_that_leads_elsewhere(clinic: Clinic) -> None:
    with running() as site:
        base = site.url("").rstrip("/")
        clinic.set(base_url=base)
        fetcher = fetcher_for(site)
        page = "/.well-known/security.txt"
        site.pages[page] = says(502)
        assert "answers 502" in told(clinic.ask(fetcher=fetcher), "reachable", Level.FAULT)
        site.pages[page] = says(200, b"Canonical: https://other.example/\n")
        assert "another site" in told(clinic.ask(fetcher=fetcher), "reachable", Level.FAULT)
        site.pages[page] = sends_on("/moved")
        site.pages["/moved"] = says(200, f"Canonical: {base}{page}\n".encode())
        assert clinic.ask(fetcher=fetcher)["reachable"].level == Level.OK
    assert clinic.ask(fetcher=fetcher)["reachable"].level == Level.FAULT


def test_a_certificate_that_nobody_trusts(clinic: Clinic, tmp_path: Path) -> None:
    tls, _ = certificate(tmp_path, "other.example")
    with running(tls) as site:
        clinic.set(base_url=site.url("").rstrip("/"))
        found = clinic.ask(fetcher=fetcher_for(site))
    assert "ertificate" in told(found, "reachable", Level.FAULT)


@pytest.mark.parametrize("key", ["changeme", "a" * 64])
def test_a_key_that_can_be_guessed(clinic: Clinic, key: str) -> None:
    clinic.set(secret_key=key)
    assert "guessed" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_key_that_others_can_read(clinic: Clinic) -> None:
    clinic.set(secret_key=None)
    assert clinic.settings.secret
    assert clinic.ask()["secret key"].level == Level.OK
    (clinic.settings.data_dir / "secret.key").chmod(0o644)
    assert "chmod 600" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_key_that_is_lost_or_another(clinic: Clinic) -> None:
    text = seal(clinic.settings.secret, "alerts", "reader@example.org")
    clinic.add(Reader(address_hash="x", sealed=text))
    assert clinic.ask()["secret key"].level == Level.OK
    clinic.set(secret_key="another-key-0123456789abcdefghijk")
    assert "another than" in told(clinic.ask(), "secret key", Level.FAULT)
    clinic.set(secret_key=None)
    assert "is gone" in told(clinic.ask(), "secret key", Level.FAULT)


def test_a_data_folder_that_is_missing_or_closed(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode, **how: mode == os.F_OK)
    assert "chown" in told(clinic.ask(), "data folder", Level.FAULT)
    clinic.set(data_dir=clinic.folder / "elsewhere")
    assert "DIRECTORY_DATA_DIR" in told(clinic.ask(), "data folder", Level.WARNING)


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("data/index/current", "data folder"),
        ("data/index", "data folder"),
        ("directory.db", "storage"),
    ],
)
def test_files_that_belong_to_another_user(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, name: str, check: str
) -> None:
    may = os.access
    closed = clinic.folder / name
    monkeypatch.setattr(
        os, "access", lambda path, mode, **how: Path(path) != closed and may(path, mode, **how)
    )
    assert f"{closed}." in told(clinic.ask(), check, Level.FAULT)


@pytest.mark.parametrize(("free", "level"), [(500, Level.WARNING), (50, Level.FAULT)])
def test_a_disk_that_is_nearly_full(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    usage = shutil._ntuple_diskusage(10**12, 10**12, free * 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert f"{free} MB" in told(clinic.ask(), "data folder", level)


def test_files_that_a_clean_up_took(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("directory.doctor.machine.is_compiled", lambda source: source.stem != "ar")
    assert "(ar)" in told(clinic.ask(), "files", Level.WARNING)
    monkeypatch.setattr("directory.doctor.machine.PACKAGE", tmp_path)
    assert "htmx.min.js" in told(clinic.ask(), "files", Level.FAULT)


def test_a_clock_that_was_set_back(clinic: Clinic) -> None:
    found = clinic.ask(moment=now() - timedelta(days=40))
    assert "timedatectl" in told(found, "clock", Level.FAULT)


def test_time_zones_that_are_not_installed(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([])
    zoneinfo.ZoneInfo.clear_cache()
    # Other tests may have used it already, each part of the world from a module of its own.
    for name in ["tzdata", *(n for n in sys.modules if n.startswith("tzdata."))]:
        monkeypatch.setitem(sys.modules, name, None)
    try:
        assert "pip install tzdata" in told(clinic.ask(), "clock", Level.FAULT)
    finally:
        zoneinfo.reset_tzpath(before)
