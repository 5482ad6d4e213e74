"""The index follows the database, whoever writes and whatever happens to the files."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from directory.db import Database
from directory.errors import Invalid
from directory.search import keeper as keeper_module
from directory.search.documents import Document, Projection
from directory.search.index import TextIndex
from directory.search.query import SearchQuery
from directory.search.service import SearchService
from tests.search.conftest import Library, Reader, stock


@pytest.fixture
def readers(library: Library) -> Iterator[list[Reader]]:
    """Two processes, as it were: two services on one database and one data folder."""
    found = [Reader(library), Reader(library)]
    yield found
    for reader in found:
        reader.service.close()


def test_an_empty_library_answers(reader: Reader) -> None:
    results = reader.asks("anything")
    assert (results.total, results.pages, results.hits) == (0, 1, [])


def test_what_is_published_is_found_at_once(library: Library, reader: Reader) -> None:
    assert reader.finds("lighthouse") == []
    library.training("keepers", "Keeping a lighthouse")
    assert reader.finds("lighthouse") == ["keepers"]
    assert reader.counts("kind") == {"training": 1}


def test_a_change_replaces_what_was_there(library: Library, reader: Reader) -> None:
    library.training("keepers", "Keeping a lighthouse", cost="fee")
    assert reader.finds("lighthouse", cost="fee") == ["keepers"]
    library.training("keepers", "Keeping a windmill", cost="free")
    assert reader.finds("lighthouse") == []
    assert reader.finds("windmill", cost="fee") == []
    assert reader.asks("windmill", cost="free").hits[0].card.title == "Keeping a windmill"


def test_a_draft_is_not_found(library: Library, reader: Reader) -> None:
    from directory.curation.service import read_draft, save_draft
    from directory.entries.kinds import TRAINING

    with library.db.writing() as session:
        save_draft(session, read_draft(TRAINING, "x", {"title": "Lighthouse"}, {}), by=None)
    assert reader.finds("lighthouse") == []


def test_what_is_withdrawn_is_gone_and_may_come_back(library: Library, reader: Reader) -> None:
    key = library.training("keepers", "Keeping a lighthouse")
    assert reader.finds("lighthouse") == ["keepers"]
    assert reader.asks("lighthuose").corrected == "lighthouse"
    library.withdraw(key)
    assert reader.finds("lighthouse") == []
    assert reader.finds() == []
    assert reader.asks("lighthuose").corrected is None
    library.training("keepers", "Keeping a lighthouse")
    assert reader.finds("lighthouse") == ["keepers"]


def test_what_was_withdrawn_while_nobody_looked_leaves_the_index(
    library: Library, reader: Reader
) -> None:
    key = library.training("keepers", "Keeping a lighthouse")
    library.training("others", "Keeping a windmill")
    assert reader.finds("lighthouse") == ["keepers"]
    library.withdraw(key)
    later = Reader(library)
    assert later.finds("lighthouse") == []
    words = later.service.refresh().words
    text = TextIndex.current(library.folder / "data" / "index", words)
    assert text
    assert key not in text.numbers()
    later.service.close()


def test_a_provider_with_a_new_name_is_found_by_it(library: Library, reader: Reader) -> None:
    library.organisation("coast", "Lakeside School")
    library.training("keepers", "Keeping a light", providers=["coast"])
    assert "keepers" in reader.finds("lakeside school")
    library.organisation("coast", "Harbour Academy")
    assert "keepers" in reader.finds("harbour academy")
    assert reader.finds("lakeside school") == []
    card = reader.asks("keeping").hits[0].card
    assert [leader.title for leader in card.leaders] == ["Harbour Academy"]
    assert reader.asks().facets["provider"][0].label == "Harbour Academy"


def test_two_processes_see_what_either_publishes(library: Library, readers: list[Reader]) -> None:
    stock(library)
    for number in range(6):
        library.training(f"extra-{number}", f"Extra {'abcdef'[number]}lpha course")
        first, second = readers if number % 2 else reversed(readers)
        assert f"extra-{number}" in first.finds("extra", per_page="100")
        assert f"extra-{number}" in second.finds("extra", per_page="100")
        assert first.finds(sort="newest")[0] == second.finds(sort="newest")[0] == f"extra-{number}"
    key = library.training("gone", "Gone tomorrow")
    assert readers[0].finds("gone tomorrow") == readers[1].finds("gone tomorrow") == ["gone"]
    library.withdraw(key)
    assert readers[1].finds("gone tomorrow")[:1] == readers[0].finds("gone tomorrow")[:1] == []


def test_separate_data_folders_agree_too(library: Library, tmp_path: Path) -> None:
    here, there = Reader(library, tmp_path / "a"), Reader(library, tmp_path / "b")
    stock(library)
    for text in ("gcsp", "commerce", ""):
        assert here.finds(text) == there.finds(text)
    here.service.close()
    there.service.close()


def test_a_new_process_opens_what_is_on_disk(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(library)
    before = {text: reader.finds(text) for text in ("gcsp", "commerce", "")}
    library.training("late", "A late lighthouse")
    monkeypatch.setattr(TextIndex, "build", None)  # Nothing may be built again.
    later = Reader(library)
    assert later.finds("lighthouse") == ["late"]
    assert later.finds("gcsp") == before["gcsp"]
    assert later.finds(sort="newest") == reader.finds(sort="newest")
    later.service.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many ids were asked for each time entries were read; 0 for all of them."""
    asked: list[int] = []
    documents = Projection.documents

    def noting(self: Projection, session: Any, ids: Any = None) -> Iterator[Document]:
        asked.append(len(ids) if ids is not None else 0)
        return documents(self, session, ids)

    monkeypatch.setattr(Projection, "documents", noting)
    return asked


def test_a_new_process_reads_only_what_changed(
    library: Library, reader: Reader, read: list[int]
) -> None:
    stock(library)
    gone = library.training("gone", "Gone tomorrow", cost="fee")
    reader.finds("gcsp")
    library.training("late", "A late lighthouse", cost="free", providers=["gcsp"])
    library.training("keepers", "Keeping a lighthouse", cost="fee")
    library.withdraw(gone)
    for _ in range(2):
        read.clear()
        later = Reader(library)
        assert set(later.finds("lighthouse")) == {"late", "keepers"}
        assert later.finds("gone tomorrow")[:1] == []
        for sort in ("title", "newest", "deadline", "relevance"):
            assert later.finds(sort=sort) == reader.finds(sort=sort)
        for parameter in ("cost", "provider", "kind"):
            assert later.counts(parameter) == reader.counts(parameter)
        later.service.close()
        assert read and all(read), "never all of them"


def facets_file(library: Library) -> Path:
    root = library.folder / "data" / "index"
    return root / (root / "current").read_text() / "facets"


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"half"])
def test_facets_that_cannot_be_read_are_read_from_the_database(
    library: Library, reader: Reader, read: list[int], damage: bytes
) -> None:
    stock(library)
    before = reader.finds(sort="title"), reader.counts("cost")
    file = facets_file(library)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == b"half" else damage)
    for reads_all in (True, False):
        read.clear()
        later = Reader(library)
        assert (later.finds(sort="title"), later.counts("cost")) == before
        assert (0 in read) == reads_all
        later.service.close()


def test_after_many_changes_a_new_process_reads_all_and_keeps_it(
    library: Library, reader: Reader, read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(library)
    reader.finds("gcsp")
    library.training("one", "A lighthouse")
    reader.finds("gcsp")
    library.training("two", "Another lighthouse")
    reader.finds("gcsp")
    monkeypatch.setattr(keeper_module, "MOST_CHANGES", 1)
    for reads_all in (True, False):
        read.clear()
        later = Reader(library)
        assert set(later.finds("lighthouse")) == {"one", "two"}
        assert (0 in read) == reads_all
        later.service.close()


def test_a_deleted_index_is_built_again(library: Library, reader: Reader) -> None:
    stock(library)
    before = reader.finds("gcsp")
    shutil.rmtree(library.folder / "data")
    assert reader.finds("gcsp") == before
    assert (library.folder / "data" / "index" / "current").exists()


def test_a_damaged_index_is_built_again(library: Library, reader: Reader) -> None:
    stock(library)
    before = reader.finds("gcsp")
    root = library.folder / "data" / "index"
    (root / (root / "current").read_text() / "meta.json").write_text("{ broken")
    later = Reader(library)
    assert later.finds("gcsp") == before
    later.service.close()


def test_an_interrupted_rebuild_harms_nothing(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock(library)
    before = reader.finds("gcsp")

    def power_cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TextIndex, "_write", power_cut)
        with pytest.raises(KeyboardInterrupt):
            reader.service.rebuild()
    assert reader.finds("gcsp") == before
    later = Reader(library)
    assert later.finds("gcsp") == before
    later.service.rebuild()
    folders = [p for p in (library.folder / "data" / "index").iterdir() if p.is_dir()]
    assert len(folders) == 1
    later.service.close()


def test_a_rebuild_by_another_process_is_noticed(library: Library, readers: list[Reader]) -> None:
    stock(library)
    serving, command = readers
    before = serving.finds("gcsp")
    command.service.rebuild()
    library.training("late", "A late lighthouse")
    assert serving.finds("lighthouse") == ["late"]
    assert set(before) <= set(serving.finds("gcsp"))


def test_an_index_of_another_database_is_not_believed(tmp_path: Path) -> None:
    one, other = Library(tmp_path / "."), None
    stock(one)
    first = Reader(one, tmp_path / "shared")
    assert first.finds("gcsp")
    first.service.close()
    (tmp_path / "other").mkdir()
    other = Library(tmp_path / "other")
    for number in range(12):
        other.training(f"t-{number}", f"Lighthouse {number}")
    second = Reader(other, tmp_path / "shared")
    assert second.finds("gcsp") == []
    assert second.asks("lighthouse").total == 12
    second.service.close()
    one.engine.dispose()
    other.engine.dispose()


def test_new_vocabularies_are_learnt(library: Library, reader: Reader) -> None:
    from directory.entries.vocabularies import Term, Vocabulary

    library.training("money", "Counting coins", policy_areas=["cybersecurity"])
    assert reader.finds("piggy bank") == []
    with library.db.writing() as session:
        term = session.get_one(Term, ("policy-areas", "cybersecurity"))
        term.alt_labels = [*term.alt_labels, "piggy bank"]
        session.get_one(Vocabulary, "policy-areas").digest = "2"
    assert reader.finds("piggy bank") == ["money"]


def test_many_changes_at_once_are_a_rebuild(
    library: Library, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reader.finds() == []
    monkeypatch.setattr("directory.search.keeper.MOST_CHANGES", 3)
    stock(library)
    assert reader.finds("gcsp")[0] == "gcsp"


def test_readers_and_a_writer_do_not_disturb_each_other(library: Library, reader: Reader) -> None:
    stock(library)
    wrong: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert reader.finds("gcsp")[0] == "gcsp"
                assert reader.asks().total >= 10
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(8):
        library.training(f"new-{number}", f"Novelty {number}")
        assert f"new-{number}" in reader.finds("novelty")
    done.set()
    for thread in threads:
        thread.join()
    assert not wrong


def test_pages_hold_every_result_once(library: Library, reader: Reader) -> None:
    stock(library)
    for text in ("", "course"):
        for sort in ("relevance", "title", "newest", "deadline"):
            whole = reader.finds(text, sort=sort, per_page="100")
            pages = [reader.finds(text, sort=sort, per_page="3", page=str(n)) for n in range(1, 5)]
            assert [slug for page in pages for slug in page] == whole
            query = SearchQuery(q=text, sort=sort, per_page=3)
            assert len(reader.service.ids(query)) == len(whole) == reader.asks(text).total
    assert reader.finds(page="99") == []


def test_the_filters_that_empty_a_result_are_named(library: Library, reader: Reader) -> None:
    stock(library)
    query = SearchQuery.read([("cost", "fee"), ("kind", "organisation")], strict=True)
    results = reader.service.search(query)
    assert results.total == 0
    drops = {drop.parameters: drop.total for drop in results.drops}
    assert drops == {("cost",): 2, ("kind",): 1}


def test_unknown_codes_are_named(library: Library, reader: Reader) -> None:
    library.organisation("gcsp", "Geneva Centre for Security Policy")
    good = [("cost", "free"), ("cost", "not-stated"), ("provider", "gcsp"), ("kind", "training")]
    reader.service.check(SearchQuery.read(good, strict=True))
    with pytest.raises(Invalid) as wrong:
        reader.service.check(
            SearchQuery.read([("cost", "love"), ("provider", "nobody")], strict=True)
        )
    assert set(wrong.value.by_field) == {"cost", "provider"}


def test_a_card_says_what_decides(library: Library, reader: Reader) -> None:
    stock(library)
    card = reader.asks("cyberpeace builders").hits[0].card
    assert (card.kind_label, card.url) == ("Volunteer help", "/trainings/cyberpeace-builders")
    assert [leader.slug for leader in card.leaders] == ["cyberpeace-institute"]
    facts = {fact.field: fact.text for fact in card.facts}
    assert facts["cost"] == "Free"
    assert facts["languages"] is None
    assert [chip.code for chip in card.chips] == ["C4", "C5", "cybersecurity"]
    assert not card.contradicted


def test_the_seed_is_searchable_inside_an_open_transaction(
    database: Database, tmp_path: Path
) -> None:
    service = SearchService(database, tmp_path)
    found = service.search(SearchQuery(q="free cybersecurity help for an NGO")).hits
    assert "cyberpeace-builders" in [hit.card.slug for hit in found[:2]]
    assert service.search(SearchQuery(q="GCSP")).hits[0].card.slug == "gcsp"
    service.close()
