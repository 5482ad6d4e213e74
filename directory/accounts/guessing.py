"""Who tries to come in, and how often: limits that lock no owner out (OWASP ASVS 5, 6.1.1, 6.3.1).

Tries are counted by account and by place. A stranger who tries would so keep the owner out, were
it not for this: a browser that has signed in to an account before shows a signed cookie, and is
counted apart from everybody else.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer
from sqlmodel import Session

from directory.accounts.throttle import forget, throttle
from directory.sealing import blur
from directory.web.network import network

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 5
PER_ADDRESS = 20
CODES_A_DAY = 30
_LONGEST_EMAIL = 254
_MOST_ACCOUNTS = 5


@dataclass(frozen=True)
class Known:
    """What the cookie of a known browser says: its own number, and for which accounts."""

    number: str
    accounts: tuple[str, ...] = ()

    def after(self, account: str) -> "Known":
        """Return the same browser, known for this account too; the oldest one is dropped."""
        others = [a for a in self.accounts if a != account]
        return Known(self.number, (*others[1 - _MOST_ACCOUNTS :], account))


def _signer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="known browser")


def read_known(secret: str, cookie: str) -> Known:
    """Return what a cookie says; a forged one, or none, is a browser nobody knows."""
    try:
        number, *accounts = _signer(secret).loads(cookie)
        return Known(str(number), tuple(map(str, accounts)))
    except (BadSignature, ValueError, TypeError):
        return Known(uuid.uuid4().hex)


def write_known(secret: str, known: Known) -> str:
    """Return the value of the cookie."""
    dumped = _signer(secret).dumps([known.number, *known.accounts])
    return dumped if isinstance(dumped, str) else dumped.decode()


def account_key(email: str) -> str:
    """Return what stands for an account, whether there is one or not; never endlessly long."""
    return email.strip().lower()[:_LONGEST_EMAIL]


@dataclass(frozen=True)
class Guesser:
    """Who tries to come in: from where, and with which browser."""

    secret: str
    address: str
    known: Known

    def _account(self, email: str) -> str:
        return blur(self.secret, "known browser", account_key(email))

    def knows(self, email: str) -> bool:
        """Say whether this browser has signed in to the account before."""
        return self._account(email) in self.known.accounts

    def begin(self, session: Session, email: str, what: str = "sign-in") -> None:
        """Count a try for the account and the place; raises TooMany."""
        account = account_key(email)
        if self.knows(email):
            own = f"{self.known.number} {account}"
            throttle(session, f"{what} known", own, PER_ACCOUNT, WINDOW, secret=self.secret)
            return
        throttle(session, f"{what} account", account, PER_ACCOUNT, WINDOW, secret=self.secret)
        self.begin_here(session, what)

    def begin_here(self, session: Session, what: str) -> None:
        """Count a try for the place alone; raises TooMany."""
        place = network(self.address)
        throttle(session, f"{what} address", place, PER_ADDRESS, WINDOW, secret=self.secret)

    def begin_code(self, session: Session, email: str) -> None:
        """Count a try at a code, which is short: there is a limit for the day as well."""
        self.begin(session, email, "code")
        day = timedelta(days=1)
        own = f"{self.known.number} " if self.knows(email) else ""
        key = f"{own}{account_key(email)}"
        throttle(session, "code day", key, CODES_A_DAY, day, secret=self.secret)

    def succeeded(self, session: Session, email: str, what: str = "sign-in") -> None:
        """Forget the tries for the account, and that this one came from its place."""
        account = account_key(email)
        if self.knows(email):
            own = f"{self.known.number} {account}"
            forget(session, f"{what} known", own, secret=self.secret)
            return
        forget(session, f"{what} account", account, secret=self.secret)
        self.succeeded_here(session, what)

    def succeeded_here(self, session: Session, what: str) -> None:
        """Forget that this try came from its place."""
        place = network(self.address)
        forget(session, f"{what} address", place, secret=self.secret, newest=True)

    def known_after(self, email: str) -> str:
        """Return the cookie that makes this browser known for the account from now on."""
        return write_known(self.secret, self.known.after(self._account(email)))
