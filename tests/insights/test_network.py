"""Who works with whom: joint programmes, and a drawing one can follow."""

from itertools import combinations

import pytest

from directory.insights import network as network_module
from directory.insights import programmes
from directory.insights.charts import net_chart
from directory.insights.network import Joint, Network, Partner, network, table_of
from tests.search.conftest import Library


def seen(shelf: Library) -> Network:
    with shelf.db.reading() as session:
        return network(session, shelf.vocabularies())


def carry(shelf: Library, slug: str, *partners: str) -> None:
    organisations = [{"organisation": p, "role": "lead"} for p in partners]
    shelf.programme(slug, slug.title(), programme_kind="project", organisations=organisations)


@pytest.fixture
def partners(shelf: Library) -> Library:
    for slug in ("itu", "undp", "apc"):
        shelf.organisation(slug, slug.upper(), organisation_type="civil-society")
    return shelf


def test_a_programme_of_two_organisations_is_joint(partners: Library) -> None:
    carry(partners, "alone", "itu")
    carry(partners, "pair", "itu", "undp")
    carry(partners, "three", "itu", "undp", "apc")
    found = seen(partners)
    assert [p.title for p in found.joint] == ["Three", "Pair"]
    assert [p.title for p in found.joint[1].partners] == ["ITU", "UNDP"]
    assert (found.total, found.organisations, found.partial) == (2, 3, False)


def test_two_roles_of_one_organisation_do_not_make_two(partners: Library) -> None:
    carry(partners, "twice", "itu", "itu")
    assert not seen(partners).joint


def test_who_is_withdrawn_no_longer_counts(partners: Library) -> None:
    gone = partners.organisation("gone", "Gone", organisation_type="civil-society")
    carry(partners, "pair", "itu", "gone")
    carry(partners, "three", "itu", "undp", "gone")
    partners.withdraw(gone)
    (joint,) = seen(partners).joint
    assert [p.title for p in joint.partners] == ["ITU", "UNDP"]


def test_in_a_large_directory_the_latest_programmes_are_looked_at(
    partners: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry(partners, "older", "itu", "undp")
    carry(partners, "newer", "itu", "undp")
    monkeypatch.setattr(programmes, "MOST", 1)
    monkeypatch.setattr(programmes.looked_at, "__defaults__", (1,))
    found = seen(partners)
    assert [p.title for p in found.joint] == ["Newer"]
    assert found.partial


def test_only_the_largest_are_drawn(partners: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "MOST", 1)
    carry(partners, "pair", "itu", "undp")
    carry(partners, "three", "itu", "undp", "apc")
    found = seen(partners)
    assert [p.title for p in found.joint] == ["Three"]
    assert found.total == 2


def test_a_spreadsheet_has_one_line_for_each_organisation(partners: Library) -> None:
    carry(partners, "pair", "itu", "undp")
    assert list(table_of(seen(partners), "https://x.example"))[1] == (
        "Pair", "UNDP", "Lead",
        "https://x.example/programmes/pair", "https://x.example/organisations/undp",
    )  # fmt: skip


def joint(title: str, *names: str) -> Joint:
    return Joint(title, f"/{title}", [Partner(n, f"/{n}", ["Lead"]) for n in names])


def crossings(found: Network) -> int:
    """Return how many pairs of lines cross in the drawing."""
    ends = []
    for path, _ in net_chart(found).lines:
        numbers = path.replace("M", " ").replace("C", " ").split()
        ends.append((float(numbers[1]), float(numbers[-1])))
    return sum((a - c) * (b - d) < 0 for (a, b), (c, d) in combinations(ends, 2))


def test_lines_that_need_not_cross_do_not() -> None:
    tangled = [joint("P1", "z", "y"), joint("P2", "b", "a"), joint("P3", "y", "b")]
    assert crossings(Network(tangled, 3)) == 0


def test_what_shares_nothing_stands_apart() -> None:
    chart = net_chart(
        Network([joint("P1", "a", "b"), joint("P2", "c", "d"), joint("P3", "b", "a")], 3)
    )
    assert [t.text for t in chart.left][:2] in (["P1", "P3"], ["P3", "P1"])
    assert max(t.y for t in chart.left + chart.right) < chart.height
    places = [t.y for t in chart.right]
    assert len(set(places)) == len(places)
    assert len(chart.lines) == 6
