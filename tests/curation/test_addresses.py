"""The short name of an entry in its web address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.curation.addresses import check_slug, free_slug, slug_from
from directory.errors import Invalid


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Cyber School Initiative", "cyber-school-initiative"),
        ("  École d'été — 2026 ", "ecole-dete-2026"),
        ("Cyber 9/12 Strategy Challenge", "cyber-9-12-strategy-challenge"),
        ("Zürich & Genève", "zurich-geneve"),
        ("Академия", ""),
        ("", ""),
        ("word " * 40, "-".join(["word"] * 16)),
        ("x" * 300, "x" * 80),
    ],
)
def test_a_title_becomes_a_slug(title: str, slug: str) -> None:
    assert slug_from(title) == slug


@given(st.text(max_size=400))
def test_whatever_the_title_a_slug_can_be_used_or_is_empty(title: str) -> None:
    slug = slug_from(title)
    assert len(slug) <= 80
    if slug and slug != "new":
        assert check_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "New", "a b", "-a", "a--b", "a/b", "é", "new", "x" * 121])
def test_what_cannot_be_an_address_is_refused_at_its_field(slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_slug(slug)
    assert set(refused.value.by_field) == {"slug"}


def test_an_address_that_is_taken_gets_a_number() -> None:
    taken = {"cyber-school", "cyber-school-2", "new-2"}
    assert free_slug("school", taken.__contains__) == "school"
    assert free_slug("cyber-school", taken.__contains__) == "cyber-school-3"
    assert free_slug("similar", taken.__contains__) == "similar-2"
    assert free_slug("new", taken.__contains__) == "new-3"
