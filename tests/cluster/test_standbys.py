"""Where one reads, and what happens while a server is away or behind."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from directory.db import Database, is_behind, last_change, log_change, new_id, open_database
from directory.errors import Invalid, Unavailable
from directory.settings import Settings
from directory.standbys import LONGEST_LAG, REST, Reader, reading_as
from tests.cluster.conftest import Node, Pair

pytestmark = pytest.mark.postgres


def change(database: Database) -> int:
    """Add a line to the change log, and return its number."""
    with database.writing() as session:
        log_change(session, new_id())
        session.flush()
        return last_change(session)


def test_visitors_read_from_the_standby_and_people_from_the_primary(node: Node) -> None:
    assert node.reads_from() == "primary"
    with reading_as(Reader.PERSON):
        assert node.reads_from() == "primary"
    with reading_as(Reader.VISITOR):
        assert node.reads_from() == "standby"
        assert node.reads_from(newest=True) == "primary"


def test_nobody_writes_while_reading(node: Node) -> None:
    only = pytest.raises(sa.exc.DBAPIError, match="read-only")
    with reading_as(Reader.VISITOR), node.database.reading() as session, only:
        session.execute(sa.text("DELETE FROM entry"))


def test_a_standby_that_is_away_is_left_alone_for_a_while(pair: Pair, node: Node) -> None:
    pair.standby.stop()
    with reading_as(Reader.VISITOR):
        assert node.reads_from() == "primary"
        pair.standby.start()
        node.standbys.look()
        assert node.reads_from() == "primary"
        node.clock.seconds += REST
        assert node.reads_from() == "primary"
        node.standbys.look()
        assert node.reads_from() == "standby"


def test_a_standby_that_goes_away_in_the_middle_is_known_to_be_away(pair: Pair, node: Node) -> None:
    with reading_as(Reader.VISITOR):
        with pytest.raises(Unavailable), node.database.reading() as session:
            pair.standby.stop()
            session.scalar(sa.text("SELECT count(*) FROM entry"))
        assert not node.standby.ready
        assert node.reads_from() == "primary"


def test_a_process_never_goes_back_behind_what_it_has_seen(pair: Pair, node: Node) -> None:
    pair.pause()
    number = change(node.database)
    with reading_as(Reader.VISITOR):
        assert node.reads_from() == "standby"
        assert node.reads_from(at_least=number) == "primary"
        # Now this process has seen the line, and shows it to everybody.
        assert node.reads_from() == "primary"
        pair.resume()
        assert node.reads_from() == "standby"


def test_a_standby_that_lags_too_far_is_not_read_from(pair: Pair, node: Node) -> None:
    pair.pause()
    change(node.database)
    node.standbys.look()
    node.clock.seconds += LONGEST_LAG - 1
    node.standbys.look()
    with reading_as(Reader.VISITOR):
        assert node.reads_from() == "standby"
        node.clock.seconds += 1
        node.standbys.look()
        assert node.reads_from() == "primary"
        pair.resume()
        node.standbys.look()
        assert node.reads_from() == "standby"


def test_a_quiet_standby_does_not_lag(pair: Pair, node: Node) -> None:
    for _ in range(3):
        node.clock.seconds += LONGEST_LAG
        pair.caught_up()
        node.standbys.look()
        assert node.standby.ready


def test_everybody_reads_on_while_the_primary_is_away(pair: Pair, node: Node) -> None:
    pair.primary.kill()
    with reading_as(Reader.VISITOR):
        assert node.reads_from() == "standby"
    with reading_as(Reader.PERSON):
        assert node.reads_from() == "standby"
    with pytest.raises(Unavailable):
        node.reads_from()
    with reading_as(Reader.VISITOR), pytest.raises(Unavailable):
        node.reads_from(newest=True)


def test_what_is_written_is_refused_at_once_until_the_primary_is_back(
    pair: Pair, node: Node
) -> None:
    pair.primary.kill()
    for _ in range(2):
        with pytest.raises(Unavailable):
            change(node.database)
    pair.primary.start()
    with pytest.raises(Unavailable):
        change(node.database)
    node.standbys.look()
    assert change(node.database) > 0


def test_who_was_writing_is_told_that_it_was_not_saved(pair: Pair, node: Node) -> None:
    with pytest.raises(Unavailable), node.database.writing() as session:
        log_change(session, new_id())
        session.flush()
        pair.primary.kill()
    assert node.standbys.primary_is_away


def test_a_standby_behind_answers_only_while_nothing_better_is_there(
    pair: Pair, node: Node
) -> None:
    with reading_as(Reader.PERSON):
        pair.pause()
        number = change(node.database)
        assert node.reads_from() == "primary"
        pair.primary.kill()
        with node.database.reading() as session:
            assert is_behind(session)
            assert last_change(session) < number
        with pytest.raises(Unavailable):
            node.reads_from(at_least=number)


def test_the_log_of_another_database_is_believed_when_the_primary_says_so(node: Node) -> None:
    newest = change(node.database)
    with node.database.reading():
        pass
    with node.database.writing() as session:
        session.execute(sa.text("DELETE FROM change_log WHERE sequence = :n"), {"n": newest})
    with node.database.reading() as session:
        assert last_change(session) < newest
        assert not is_behind(session)


def test_nothing_is_read_from_a_standby_that_nobody_has_looked_at(
    pair: Pair, tmp_path: Path
) -> None:
    database = open_database(pair.settings(tmp_path))
    with reading_as(Reader.VISITOR):
        assert Node(database, None).reads_from() == "primary"  # type: ignore[arg-type]
    database.close()


def test_of_several_hosts_the_one_that_writes_is_taken(pair: Pair, tmp_path: Path) -> None:
    ports = (pair.standby.port, pair.primary.port)
    hosts = "&".join(f"host={pair.primary.folder}:{port}" for port in ports)
    both = f"postgresql+psycopg://postgres@/{pair.name}?{hosts}"
    settings = Settings(**pair.settings(tmp_path).model_dump() | {"database_url": both})
    database = open_database(settings)
    assert change(database) > 0
    database.close()


def test_an_application_looks_by_itself(pair: Pair, tmp_path: Path) -> None:
    from tests.cluster.servers import until

    database = open_database(pair.settings(tmp_path))
    assert database.standbys
    database.standbys.start()
    until(lambda: database.standbys and database.standbys.standbys[0].ready, "to look")
    database.close()


@pytest.mark.parametrize(
    "given",
    [
        {"database_url": "sqlite:///some.db", "replica_urls": "postgresql://h/n"},
        {"database_url": "postgresql://h/n", "replica_urls": "sqlite:///some.db"},
        {"database_url": "postgresql://h/n", "replica_urls": "nonsense"},
    ],
)
def test_what_can_have_no_standby_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="DIRECTORY_REPLICA_URLS"):
        open_database(Settings(**given))


def test_addresses_may_have_commas_and_passwords_stay_hidden() -> None:
    one, two = "postgresql://me:secret@a/n?host=a,b", "postgresql+psycopg://me:hidden,too@b/n"
    settings = Settings(replica_urls=f" {one}, {two},")
    assert settings.standbys == [one, two]
    shown = str(next(v for n, v, *_ in settings.rows() if n == "DIRECTORY_REPLICA_URLS"))
    assert "secret" not in shown and "too" not in shown
    assert shown.count("(hidden)") == 2


def test_a_session_of_sqlite_is_never_behind(database: Database) -> None:
    with database.reading(newest=True, at_least=10**9) as session:
        assert isinstance(session, Session)
        assert not is_behind(session)
