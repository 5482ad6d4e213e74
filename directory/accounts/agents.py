"""A browser in two words, so that people recognise theirs in a list; the rest is not kept."""

from directory.languages import gettext, marked, worded

# The first that is found counts: Edge also says that it is Chrome, and Chrome that it is Safari.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "CrOS": "Chromebook",
    "Linux": "Linux",
}
UNKNOWN = marked("Another browser")
_ON = " on "


def browser_words(user_agent: str) -> str:
    """Return such as `Firefox on Android` for a User-Agent header (RFC 9110, 10.1.5)."""
    browser = next((w for sign, w in _BROWSERS.items() if sign in user_agent), UNKNOWN)
    system = next((w for sign, w in _SYSTEMS.items() if sign in user_agent), "")
    return f"{browser}{_ON}{system}" if system else browser


def browser_shown(kept: str) -> str:
    """Return what `browser_words` said, in the language that is read."""
    browser, _, system = kept.partition(_ON)
    if not system:
        return worded(browser)
    return gettext("%(browser)s on %(system)s", browser=worded(browser), system=system)
