"""What is drawn once has the values of each page in their places, and nothing of another's."""

from typing import Any
from urllib.parse import quote

import pytest
from litestar.testing import TestClient

HOSTILE = [
    "<this_page_in>",
    "<this_page>&lang=x",
    "&amp;<day>",
    '"><script>',
    "\\1 %(day)s {{ x }}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_address_is_text_in_every_place(site: TestClient[Any], text: str) -> None:
    page = site.get(f"/search?q={quote(text)}").text
    assert not any(tag in page for tag in ("<this_page", "<day>", '"><script>'))
    assert page.count('hreflang="x-default"') == 1
    # Once in the head and once in the foot.
    assert page.count("lang=fr") == 2


def test_pages_that_look_alike_do_not_get_the_address_of_each_other(site: TestClient[Any]) -> None:
    for word in ("ethics", "cyber", "ethics"):
        page = site.get(f"/search?q={word}").text
        assert f'hreflang="fr" href="http://testserver.local/search?q={word}&amp;lang=fr"' in page
        assert f'name="question" value="/search?q={word}"' in page
        assert f'href="/search.csv?q={word}"' in page
