"""What the domain of an e-mail address says about who somebody works for.

It is a hint for a curator, never a decision. Without the list of public suffixes the registrable
domain is taken to be the last two labels, or the last three under a country where the second is a
common class (`ac.ke`, `gov.bd`). In doubt two domains differ.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from directory.entries.fields import Email, Url
from directory.entries.kinds import ORGANISATION
from directory.languages import marked, worded


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_CLASSES = _set("""
ac asso co com edu gob gouv gouvernement go gov govt gub id int ltd mil mod ne net nhs nic nom
or org plc sch school web
""")
_FREE_LABELS = _set("""
aol fastmail gmail gmx googlemail hotmail icloud laposte libero live mailbox msn outlook proton
protonmail rediffmail rocketmail tuta tutanota wanadoo yahoo yandex ymail zoho
""")
_FREE_DOMAINS = _set("""
126.com 139.com 163.com alice.it att.net bk.ru bluewin.ch bol.com.br btinternet.com comcast.net
daum.net email.com foxmail.com free.fr freemail.hu freenet.de hanmail.net hey.com hushmail.com
inbox.com inbox.ru interia.pl list.ru mac.com mail.com mail.de mail.ru me.com naver.com o2.pl
onet.pl orange.fr pm.me posteo.de qq.com rambler.ru seznam.cz sfr.fr sina.com sky.com sohu.com
t-online.de telus.net terra.com.br ukr.net uol.com.br verizon.net web.de wp.pl yeah.net
zohomail.com
""")
_SHARED = _set("""
blogspot.com facebook.com github.io gitlab.io google.com instagram.com linkedin.com medium.com
notion.site substack.com t.me twitter.com weebly.com wixsite.com wordpress.com x.com youtube.com
""")
"""Everybody may have pages there; what is under them says nothing."""


class Evidence(StrEnum):
    """How the domain of an address compares with those on an organisation's entry."""

    MATCHES = "matches"
    DIFFERS = "differs"
    FREE_MAIL = "free_mail"
    NOTHING = "nothing"

    @property
    def words(self) -> str:
        """Return it as a curator reads it, in the language that is read."""
        return worded(
            {
                "matches": marked(
                    "The address matches the website or the contact address of the organisation."
                ),
                "differs": marked(
                    "The address does not match the website or the contact address of the "
                    "organisation."
                ),
                "free_mail": marked(
                    "The address is free mail, which says nothing about where somebody works."
                ),
                "nothing": marked(
                    "The address cannot be compared: the entry has no website and no contact "
                    "address."
                ),
            }[self.value]
        )


def domain_of(email: str) -> str:
    """Return the domain of an e-mail address, in ASCII."""
    return _ascii(email.rpartition("@")[2])


def _ascii(host: str) -> str:
    host = host.strip().strip(".").lower()
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return host


def registrable(host: str) -> str | None:
    """Return the domain that somebody registered, None where there is none: `gov.bd`, `uk`."""
    labels = _ascii(host).split(".")
    size = 3 if len(labels[-1]) == 2 and len(labels) > 1 and labels[-2] in _CLASSES else 2
    if len(labels) < size or not all(labels) or labels[-1].isdigit():
        return None
    return ".".join(labels[-size:])


def is_free_mail(domain: str) -> bool:
    """Say whether everybody can have an address there."""
    base = registrable(domain) or domain
    return base in _FREE_DOMAINS or base.partition(".")[0] in _FREE_LABELS


def same_house(email: str, other: str) -> bool:
    """Say whether two addresses are of one registered domain that is not free mail."""
    first, second = (registrable(domain_of(e)) for e in (email, other))
    return first is not None and first == second and not is_free_mail(first)


def places_of(profile: dict[str, Any]) -> list[str]:
    """Return the hosts of an organisation: of its addresses on the web and of its mail."""
    found = []
    for name, declared in ORGANISATION.public_fields.items():
        value = profile.get(name)
        for one in (value if declared.many else [value]) if value else []:
            if declared.type is Url:
                found.append(urlsplit(one).hostname or "")
            elif declared.type is Email:
                found.append(domain_of(one))
    return found


def evidence_of(email: str, hosts: Iterable[str]) -> Evidence:
    """Compare the domain of an address with the hosts of an organisation."""
    domain = domain_of(email)
    if is_free_mail(domain):
        return Evidence.FREE_MAIL
    bases = {registrable(h) for h in hosts} - {None}
    own = {b for b in bases if b not in _SHARED and not is_free_mail(b or "")}
    if not own:
        return Evidence.NOTHING
    return Evidence.MATCHES if registrable(domain) in own else Evidence.DIFFERS
