"""Names of countries, regions, languages and currencies, from Unicode CLDR through Babel."""

from functools import cache

from babel import Locale

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
"""The six official languages of the United Nations."""

FROM_CLDR = {
    "countries": "territories",
    "regions": "territories",
    "languages": "languages",
    "currencies": "currencies",
}


@cache
def _names(language: str, what: str) -> dict[str, str]:
    return dict(getattr(Locale(language), what))


def cldr_labels(vocabulary: str, code: str) -> dict[str, str]:
    """Return the names of a code by language; empty for vocabularies that CLDR does not know."""
    what = FROM_CLDR.get(vocabulary)
    if what is None:
        return {}
    found = {language: _names(language, what).get(code) for language in LANGUAGES}
    return {language: name for language, name in found.items() if name}
