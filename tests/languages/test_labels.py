"""Pages of terms say what they are called in the other languages."""

import re
from typing import Any

import pytest
from litestar.testing import TestClient


@pytest.mark.parametrize(
    ("address", "language", "label"),
    [
        ("/vocabularies/policy-areas", "zh", "网络安全"),
        ("/vocabularies/countries", "ar", "كينيا"),
        ("/policy-areas/cybersecurity", "fr", "Cybersécurité"),
        ("/action-lines/C4", "ru", "Наращивание потенциала"),
    ],
)
def test_a_label_is_marked_with_its_language(
    site: TestClient[Any], address: str, language: str, label: str
) -> None:
    page = site.get(address).text
    assert f'<bdi lang="{language}">{label}</bdi>' in page
    assert "Labels in other languages than English" in page
    lists = re.findall(r"(?:<bdi lang=[^>]*>[^<]*</bdi>(?: · )?){2,}", page)
    assert any(label in one for one in lists)
    assert not any('lang="en"' in one for one in lists)
