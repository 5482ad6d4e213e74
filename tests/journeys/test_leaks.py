"""What is not public shows to whom the table of permissions names, and to nobody else, anywhere.

Every secret has a word of its own. Every role then reads every address that the site has, taken
from its routes, so that a new page is covered from its first day; a route whose parameters nobody
can fill in fails here.
"""

import io
import re
import shutil
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlmodel import Session, select

import directory.app
from directory.accounts import passwords
from directory.accounts.models import Grant, User
from directory.accounts.permissions import is_allowed
from directory.alerts.following import reader_of
from directory.alerts.models import Following
from directory.alerts.questions import question_at
from directory.audit import record
from directory.curation.autosave import keep
from directory.curation.lists import LISTS
from directory.curation.service import get_entry, latest_revision, publish, read_draft, save_draft
from directory.curation.translating import Sent, save_translation
from directory.curation.workflow import answer, make_move
from directory.db import Database, log_change, make_engine, now
from directory.entries.kinds import ORGANISATION, TRAINING
from directory.entries.models import Redirect, State
from directory.entries.vocabularies import Vocabularies
from directory.exports.endings import formats_of
from directory.exports.file import FORMATS, export_file
from directory.imports.harvest.models import Feed, FeedRun
from directory.inbox.models import Report, Request
from directory.mail import queue_mail
from directory.matching.need import Need
from directory.matching.saved import Wish, save_need
from directory.settings import Settings
from directory.web.compression import with_compression
from tests.conftest import settings_for
from tests.people import enter_as

Client = TestClient[Any]
ROLES = ("visitor", "contributor", "provider", "granted", "curator", "admin")
"""A provider has no organisation, a granted one edits the organisation behind the entries."""

OWNER, LIVE, TARGET = "gcsp", "cyber-school-initiative", "ai-campus"
DRAFTS = ("draft", "inreview", "changes", "refused")
TAKEN_DOWN = ("withdrawn", "archived", "merged")
PAGES = ("/curation", "/account", "/admin")
REASON = "reasonofwithdrawal"
REPORT = "LEAK-2345"
REQUEST = uuid.UUID(int=7)
ONLY_A_FEW = (
    "waiting",
    "note",
    "private",
    "foreign",
    "grant",
    "mail",
    "audit",
    "organisation",
    "report",
    "request",
    "unsaved",
    "feed",
    "follower",
    "need",
    REASON,
)
SECRETS = (*DRAFTS, *TAKEN_DOWN, *ONLY_A_FEW)


def word(secret: str) -> str:
    return f"quokka{secret}"


def text(secret: str) -> str:
    """Return a text with the word, and another word to search for it without saying it."""
    return f"{word(secret).capitalize()} wombat{secret}"


def slug(secret: str) -> str:
    return f"leak-{secret[:4]}"


def may_read(role: str, own: bool = True) -> bool:
    """Say whether a role reads drafts, by the table."""
    known = {"granted": "provider"}.get(role, role)
    return is_allowed(known, "read drafts", own=own and role == "granted")


def allowed(secret: str, role: str, address: str) -> bool:
    """Say where a word may stand; everything else is a leak."""
    path = address.partition("?")[0]
    inside = path.startswith(PAGES)
    known = {"granted": "provider"}.get(role, role)
    if secret in ("archived", REASON):
        entry = slug("archived" if secret == "archived" else "withdrawn")
        before = "(/api/v1|/as/jsonld|/as/ics|/as/png)?"
        if re.fullmatch(rf"{before}/trainings/{entry}(\.json|\.jsonld|\.ics)?", path):
            return True
    if secret == "private":
        return inside and is_allowed(known, "see private")
    if secret == "grant":
        return inside and (is_allowed(known, "grant") or role == "granted")
    if secret in ("mail", "unsaved", "follower"):
        return False
    if secret == "need":  # Its owner is the contributor.
        return role == "contributor" and path.startswith("/account/needs")
    if secret == "report":
        return inside and is_allowed(known, "handle reports")
    if secret == "feed":
        return inside and is_allowed(known, "register")
    if secret == "request":
        return inside and is_allowed(known, "grant")
    if secret == "audit":
        return inside and is_allowed(known, "read audit")
    return inside and may_read(
        role, own=secret not in ("foreign", "waiting", "note", "organisation")
    )


# The site


def _save(session: Session, name: str, by: User, **values: Any) -> tuple[Any, Any]:
    """Save a training that says the word, as its owner would."""
    profile = {"title": "Leak course", "summary": text(name), "providers": [OWNER]} | values
    claims = {
        n: [{"source": "gcsp-profile", "status": "stated" if n in profile else "not_stated"}]
        for n, d in TRAINING.fields.items()
        if not d.private
    }
    return save_draft(session, read_draft(TRAINING, slug(name), profile, claims), by=by)


def _before(session: Session, people: dict[str, User]) -> None:
    """Publish what is taken down later, so that an index has seen it."""
    for name in TAKEN_DOWN:
        entry, revision = _save(session, name, people["contributor"])
        publish(session, entry, revision, by=people["curator"])
        _translate(session, name, people["curator"])


def _translate(session: Session, name: str, by: User) -> None:
    """Say the word in another language, too: it is as secret there."""
    number = latest_revision(session, get_entry(session, TRAINING, slug(name))).number
    sent = Sent({"summary": text(name)}, {}, number)
    assert save_translation(session, TRAINING, slug(name), "fr", sent, by=by)[1]


def _secrets(session: Session, people: dict[str, User], settings: Settings) -> None:
    """Put every secret where it belongs."""
    author, curator = people["contributor"], people["curator"]
    for name in DRAFTS:
        entry, _ = _save(session, name, author, title=text(name))
        _translate(session, name, curator)
        if name != "draft":
            make_move(session, entry, "submit", by=author)
        if name in ("changes", "refused"):
            move = "request_changes" if name == "changes" else "refuse"
            make_move(session, entry, move, by=curator, reason="Please.")
    _save(session, "foreign", author, title=text("foreign"), providers=["diplofoundation"])
    new = read_draft(ORGANISATION, "leak-organisation", {"name": text("organisation")}, {})
    save_draft(session, new, by=author)
    live = get_entry(session, TRAINING, LIVE)
    newest = latest_revision(session, live)
    newest.profile = newest.profile | {"curator_note": text("private")}
    session.add(newest)
    row = session.get(TRAINING.table, live.id)
    assert row
    row.curator_note = text("private")
    session.add(row)
    changed = newest.profile | {"duration": text("waiting")}
    save_draft(session, read_draft(TRAINING, LIVE, changed, newest.claims), by=author)
    answer(session, live, text("note"), by=curator)
    for name, move in (("withdrawn", "withdraw"), ("archived", "archive")):
        entry = get_entry(session, TRAINING, slug(name))
        make_move(
            session, entry, move, by=curator, reason=text(REASON) if name[0] == "w" else "Old."
        )
    merged = get_entry(session, TRAINING, slug("merged"))
    target = get_entry(session, TRAINING, TARGET)
    merged.state, merged.merged_into = State.MERGED, target.id
    session.add(merged)
    session.add(Redirect(kind="training", slug=merged.slug, entry_id=target.id))
    log_change(session, merged.id)
    other = get_entry(session, ORGANISATION, "diplofoundation")
    session.add(
        Grant(
            user_id=people["granted"].id,
            organisation_id=other.id,
            ended_at=now(),
            ended_because=text("grant"),
        )
    )
    queue_mail(session, f"{word('mail')}@example.org", text("mail"), text("mail"))
    record(session, text("audit"), text("audit"), by=curator, more=text("audit"))
    session.add(
        Report(
            reference=REPORT,
            entry_id=live.id,
            version=live.version,
            problem="wrong",
            suggested=text("report"),
            message=text("report"),
            email=f"{word('report')}@example.org",
        )
    )
    session.add(
        Request(
            id=REQUEST,
            organisation_id=get_entry(session, ORGANISATION, OWNER).id,
            email=f"{word('request')}@example.org",
            job=text("request"),
            message=text("request"),
            state="proved",
        )
    )
    feed = Feed(
        slug="leak-feed",
        title=text("feed"),
        owner_id=other.id,
        address=f"https://{word('feed')}.example/",
        format="json",
        kind="training",
    )
    session.add(feed)
    session.flush()
    lines = [{"action": "added", "name": text("feed")}]
    session.add(FeedRun(id=REQUEST, feed_id=feed.id, outcome="done", lines=lines))
    reader = reader_of(session, f"{word('follower')}@example.org", settings)
    question = question_at(session, f"/search?q={word('follower')}")
    session.add(Following(reader_id=reader.id, question_id=question.id, every="daily"))
    words = Vocabularies.read(session)
    for need in (Need(text=text("need")), Need(policy_area=["access"], language=["sw"])):
        wish = Wish(text("need") + str(need.has_topic), need, counted=True)
        save_need(session, words, wish, by=author, settings=settings)
    keep(session, author, f"trainings/{LIVE}", "0" * 16, [("duration", text("unsaved"))])


@dataclass
class Site:
    """The site full of secrets, and the cookies of each role."""

    client: Client
    settings: Settings
    app: Litestar
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    seen: dict[str, dict[str, tuple[int, str]]] = field(default_factory=dict)

    def read(self, role: str) -> dict[str, tuple[int, str]]:
        """Return what a role finds at every address, and in the fragment of each page."""
        if role not in self.seen:
            self.client.cookies.clear()
            self.client.cookies.update(self.cookies[role])
            self.seen[role] = read_all(self.client, addresses(self.app))
        return self.seen[role]


_TOKEN = re.compile(r'name="_csrf_token" value="[^"]*"|"(next_updated_since|cursor)":"[^"]*"')
"""Differs with every visitor, or with the time of the last change, and says nothing."""


def told(content: bytes) -> str:
    """Return what a file says; a workbook is unpacked first."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


def read_all(client: Client, paths: list[str]) -> dict[str, tuple[int, str]]:
    found = {}
    for path in paths:
        answer = client.get(path, follow_redirects=False)
        found[path] = (answer.status_code, _TOKEN.sub("", told(answer.content)))
        if "HX-Request" in answer.headers.get("vary", ""):
            part = client.get(path, headers={"HX-Request": "true"}, follow_redirects=False)
            found[f"{path}#fragment"] = (part.status_code, part.text)
    return found


def _app(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Litestar]:
    """Return the application, and the part of it that knows its routes."""
    inner: list[Any] = []

    def keep(app: Any) -> Any:
        inner.append(app)
        return with_compression(app)

    with monkeypatch.context() as patch:
        patch.setattr(directory.app, "with_compression", keep)
        whole = directory.app.create_app(settings)
    return whole, inner[0]


@pytest.fixture(scope="module")
def quick() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        hasher = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "HASHES", PasswordHash((hasher,)))
        yield patch


@pytest.fixture(scope="module")
def leaky(
    seeded_file: Path, tmp_path_factory: pytest.TempPathFactory, quick: pytest.MonkeyPatch
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("leaky")
    copy = shutil.copy(seeded_file, folder / "directory.db")
    settings = settings_for(folder, f"sqlite:///{copy}")
    whole, inner = _app(settings, quick)
    engine = make_engine(settings.database_url)
    with TestClient(whole, base_url="http://testserver.local") as client:
        site = Site(client, settings, inner, {"visitor": {}})
        for role in ROLES[1:]:
            client.cookies.clear()
            if role == "granted":
                with Database(engine).writing() as session:
                    old = session.exec(select(User).where(User.role == "provider")).one()
                    old.email = "other@example.org"
                    session.add(old)
            enter_as(client, settings, {"granted": "provider"}.get(role, role))
            site.cookies[role] = dict(client.cookies)
        with Database(engine).writing() as session:
            found = {u.email.partition("@")[0]: u for u in session.exec(select(User))}
            people = found | {"granted": found["provider"], "provider": found["other"]}
            organisation = get_entry(session, ORGANISATION, OWNER)
            session.add(Grant(user_id=people["granted"].id, organisation_id=organisation.id))
            _before(session, people)
        client.cookies.clear()
        for name in TAKEN_DOWN:
            assert word(name) in client.get(f"/search?q=wombat{name}").text.lower()
        with Database(engine).writing() as session:
            _secrets(session, people, settings)
        yield site
    engine.dispose()


# Every address


OF_ENTRIES = [LIVE, "leak-none", *(slug(s) for s in (*DRAFTS, *TAKEN_DOWN, "foreign"))]
NOT_READ = {
    "/static/{name}": "files of the project, the same for everybody",
    "/match/briefing.pdf": "drawn from the same paper as the page /match/briefing",
    "/match/letter.pdf": "drawn from the same paper as the page /match/letter",
    "/api/v1/openapi.json/{path}": "the description again",
}
VALUES: dict[str, list[str]] = {
    "{slug}": OF_ENTRIES,
    "{path}": ["trainings"],
    "/sources/{slug}": ["gcsp-profile", "nothing"],
    "/organisations/{slug}": [OWNER],
    "/programmes/{slug}": ["cyberpeace-builders"],
    "/policy-areas/{code}": ["cybersecurity"],
    "/action-lines/{code}": ["C4", "C5"],
    "/vocabularies/{name}": ["audiences", "countries"],
    "/vocabularies/{name}/{code}": ["youth"],
    "/as/ttl/vocabularies/{name}": ["audiences"],
    "/as/skos/vocabularies/{name}": ["audiences"],
    "/as/atom/{name}": ["action-lines"],
    "/as/atom/{name}/{code}": ["C4", "C5"],
    "{code}": ["fr", "sw"],
    "{number}": ["1", "2"],
    "{token}": ["made-up"],
    "/dump/{name}": ["trainings.csv"],
    "/help/{name}": ["visitor", "curator", "nobody"],
    "{reference}": [REPORT],
    "{key}": [str(REQUEST)],
    "/admin/people/{number}": [str(REQUEST)],
    "/curation/lists/{name}": list(LISTS),
    "/curation/import/template/{name}": ["training.csv", "training.xlsx"],
    "/curation/feeds/{slug}": ["leak-feed"],
    "{merge_id}": [str(REQUEST)],
    "{reading_id}": [str(REQUEST)],
}


def filled(path: str) -> list[str]:
    """Return the addresses of a route with its parameters filled in."""
    done = [path]
    while found := re.search(r"\{[^}]+\}", done[0]):
        upto = re.sub(r"^/api/v1", "", path[: path.index(found[0]) + len(found[0])])
        values = VALUES.get(upto) or VALUES.get(found[0])
        if values is None:
            pytest.fail(f"say in VALUES what to fill into {path}, so that it is read for leaks")
        done = [one.replace(found[0], value, 1) for one in done for value in values]
    return done


def addresses(app: Litestar) -> list[str]:
    """Return every address that can be read, also with what asks for the secrets."""
    found: list[str] = []
    for route in app.routes:
        path = getattr(route, "path_format", "")
        if "GET" not in getattr(route, "methods", ()) or path in NOT_READ:
            continue
        found += filled(path)
        if "{" not in path and not path.startswith(PAGES):
            found += [f"{path}?{q}" for q in questions(path)]
    found += [
        f"/trainings/{name}.{e.ending}" for e in formats_of("trainings") for name in OF_ENTRIES
    ]
    found += [f"/curation/trainings/{name}/review?all=1" for name in OF_ENTRIES]
    return list(dict.fromkeys(found))


def questions(path: str) -> list[str]:
    """Return parameters that would bring a secret to light."""
    if path.startswith(("/search", "/api/v1/search")):
        near = [f"q={word(s)[:-1]}x" for s in TAKEN_DOWN]
        everything = ["kind=training&per_page=100", "kind=training&provider=gcsp&sort=newest"]
        return [f"q=wombat{s}" for s in SECRETS] + near + everything
    if path == "/oai":
        return [f"verb={verb}&metadataPrefix=oai_dc" for verb in ("ListRecords", "ListIdentifiers")]
    if path.startswith("/hsds/"):
        return ["full=true&per_page=100", "format=ndjson&full=true"]
    if path.startswith(("/shortlist", "/compare", "/match/")):
        # The merged one is left out: its old address leads to another entry by right.
        names = [n for n in OF_ENTRIES if n != slug("merged")]
        return ["&".join(f"entry={n}" for n in names[i : i + 4]) for i in range(0, len(names), 4)]
    if path.startswith("/match"):
        return ["more=training&policy_area=cybersecurity", "q=wombat"]
    if re.fullmatch(r"(/api/v1)?/(trainings|organisations)", path):
        return ["page=2", "per_page=100", "updated_since=2020-01-01"][: 3 if "api" in path else 1]
    return []


# What is read


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_stands_only_where_the_table_lets_it(leaky: Site, role: str, secret: str) -> None:
    found = leaky.read(role)
    holes = [a for a, (_, body) in found.items() if word(secret) in body.lower()]
    assert not [a for a in holes if not allowed(secret, role, a.partition("#")[0])]


def test_nothing_breaks_on_the_way(leaky: Site) -> None:
    for role in ROLES:
        assert not [a for a, (status, _) in leaky.read(role).items() if status >= 500], role


SHOWN = {
    **{f"/curation/trainings/{slug(s)}": s for s in (*DRAFTS, *TAKEN_DOWN, "foreign")},
    **{f"/curation/trainings/{slug(s)}/review": s for s in (*DRAFTS, "foreign")},
    **{f"/curation/trainings/{slug(s)}/history/1": s for s in (*DRAFTS, *TAKEN_DOWN, "foreign")},
    f"/curation/trainings/{LIVE}/review": "waiting",
    f"/curation/trainings/{LIVE}/review?all=1": "note",
    f"/curation/trainings/{LIVE}": "private",
    f"/curation/reports/{REPORT}": "report",
    "/curation/reports": "report",
    f"/curation/requests/{REQUEST}": "request",
    "/curation/requests": "request",
    "/curation/feeds/leak-feed": "feed",
    f"/curation/feeds/leak-feed/runs/{REQUEST}": "feed",
    "/curation/trainings/new": "organisation",
    "/account/needs": "need",
    "/account/needs.json": "need",
    f"/trainings/{slug('archived')}": "archived",
    f"/api/v1/trainings/{slug('archived')}": "archived",
    f"/trainings/{slug('archived')}.json": "archived",
    f"/trainings/{slug('archived')}.jsonld": "archived",
    f"/trainings/{slug('withdrawn')}": REASON,
    f"/api/v1/trainings/{slug('withdrawn')}": REASON,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("address", SHOWN)
def test_whoever_may_see_it_does(leaky: Site, role: str, address: str) -> None:
    secret = SHOWN[address]
    status, body = leaky.read(role)[address]
    assert (word(secret) in body.lower()) is allowed(secret, role, address)
    if address.startswith("/curation") and not allowed(secret, role, address):
        opens = secret in ("private", "organisation")
        expected = 303 if role == "visitor" else 200 if opens else 403
        assert status in (expected, 403)


@pytest.mark.parametrize("role", ROLES)
def test_the_desk_shows_each_person_their_own(leaky: Site, role: str) -> None:
    lists = [leaky.read(role)[f"/curation/lists/{n}"] for n in ("drafts", "review", "others")]
    for secret in (*DRAFTS, "foreign"):
        shown = any(word(secret) in body.lower() for _, body in lists)
        assert shown is may_read(role, own=secret != "foreign"), secret


def test_for_the_public_the_site_is_the_same_with_and_without_secrets(
    leaky: Site,
    seeded_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
    quick: pytest.MonkeyPatch,
) -> None:
    """Counts, facets, orders and corrections tell of a secret without naming it."""

    def public(database: Path) -> dict[str, tuple[int, str]]:
        folder = tmp_path_factory.mktemp("public")
        copy = shutil.copy(database, folder / "directory.db")
        whole, inner = _app(settings_for(folder, f"sqlite:///{copy}"), quick)
        own = {slug(s) for s in ("withdrawn", "archived", "merged")}
        paths = [
            a
            for a in addresses(inner)
            # What was taken down is told by its address there, so that copies can follow.
            if not a.startswith((*PAGES, "/metrics", "/oai", "/api/v1/changes"))
            and not any(re.search(rf"/trainings/{s}(\.\w+)?$", a) for s in own)
        ]
        with TestClient(whole, base_url="http://testserver.local") as client:
            return read_all(client, paths)

    engine = make_engine(leaky.settings.database_url)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    with_secrets = public(Path(leaky.settings.database_url.removeprefix("sqlite:///")))
    without = public(seeded_file)
    assert with_secrets.keys() == without.keys()
    assert not [a for a in without if without[a] != with_secrets[a]]


def test_a_need_finds_no_secret(leaky: Site) -> None:
    leaky.client.cookies.clear()
    for need in ({}, {"policy_area": ["cybersecurity"]}, {"text": "wombatdraft wombatarchived"}):
        answer = leaky.client.post("/api/v1/match", json=need)
        assert "quokka" not in answer.text.lower()


@pytest.mark.parametrize("ending", FORMATS)
def test_an_export_holds_no_secret(leaky: Site, tmp_path: Path, ending: str) -> None:
    engine = make_engine(leaky.settings.database_url)
    assert export_file(Database(engine), tmp_path / f"all.{ending}") > 100
    engine.dispose()
    assert "quokka" not in told((tmp_path / f"all.{ending}").read_bytes()).lower()
