"""The second factor: codes of an app (RFC 6238), recovery codes, and whether one is needed."""

import base64
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

import pyotp
import sqlalchemy as sa
from sqlmodel import Session, col

from directory import audit
from directory.accounts.models import Passkey, RecoveryCode, Totp, User
from directory.db import now, write_alone
from directory.errors import Invalid
from directory.languages import gettext, marked, worded
from directory.sealing import seal, unseal
from directory.settings import Settings

STEP = 30
"""Seconds for which an app shows a code."""

OFFER_HOLDS = timedelta(hours=1)
"""For so long one may take to set an app up."""

RECOVERY_CODES = 10
_RECOVERY_BYTES = 15
"""120 bits: above 112 a plain hash is enough (OWASP ASVS 5, 6.5.2)."""

_MUST = ("curator", "admin")
PURPOSE = "authenticator app"
"""What the shared secrets are sealed for."""

_WRONG = marked(
    "This code is not right, or it was used already. Wait for the next one and type it."
)


@dataclass(frozen=True)
class Factors:
    """What an account has besides its password."""

    app: bool = False
    passkeys: int = 0
    recovery_codes: int = 0

    @property
    def any(self) -> bool:
        """Say whether the password alone does not open the account."""
        return self.app or self.passkeys > 0

    @property
    def words(self) -> str:
        """Name them, for a list, in the language that is read."""
        if self.app and self.passkeys:
            return gettext("App and passkey")
        if self.app:
            return gettext("App")
        return gettext("Passkey") if self.passkeys else gettext("None")


def factors_of(session: Session, user_id: uuid.UUID) -> Factors:
    """Return what an account has besides its password."""

    def count(table: type[Totp] | type[Passkey] | type[RecoveryCode]) -> int:
        of = sa.select(sa.func.count()).select_from(table).where(col(table.user_id) == user_id)
        return session.scalar(of) or 0

    return Factors(bool(count(Totp)), count(Passkey), count(RecoveryCode))


def lacks_factor(session: Session, user: User, settings: Settings) -> bool:
    """Say whether a person must set up a second factor before they may do their work."""
    must = settings.second_factor_required and user.role in _MUST
    return must and not factors_of(session, user.id).any


def is_code(secret: str, code: str, after: int = 0) -> int | None:
    """Return the step of a code of an app, of now, just before or just after; None if wrong.

    A step that is not `after` the last one that was used is refused.
    """
    try:
        step = pyotp.TOTP(secret).verify_and_get_timecode(
            "".join(code.split()), for_time=now(), valid_window=1
        )
    except (pyotp.OTPVerificationError, ValueError):
        return None
    return step if step > after else None


@dataclass(frozen=True)
class Offer:
    """A secret for an app that is not in force yet; `sealed` goes through the form."""

    secret: str
    sealed: str
    address: str

    @property
    def picture(self) -> str:
        """Return the QR code as a data URI of an SVG picture."""
        # Loaded only here: few people set up an app, and every start of the server would pay.
        import segno

        code = segno.make(self.address, error="m", micro=False)
        return code.svg_data_uri(scale=4, border=4, light="#fff", dark="#000", svgclass=None)

    @property
    def spelled(self) -> str:
        """Return the secret in groups of four, to type it."""
        return " ".join(self.secret[n : n + 4] for n in range(0, len(self.secret), 4))


def offer_app(user: User, settings: Settings, sealed: str = "") -> Offer:
    """Return a new secret, or the one of a form that came back; raises Invalid for a made-up one.

    It is sealed for this person: nobody can be made to take a secret that another one knows.
    """
    if sealed:
        owner, _, secret = unseal(settings.secret, PURPOSE, sealed, OFFER_HOLDS).partition(" ")
        if owner != str(user.id):
            raise Invalid(gettext("This form is of another account. Please begin again."))
    else:
        secret = pyotp.random_base32()
        sealed = seal(settings.secret, PURPOSE, f"{user.id} {secret}")
    app = pyotp.TOTP(secret, name=user.email, issuer=settings.site_name)
    return Offer(secret, sealed, app.provisioning_uri())


def set_up_app(session: Session, user: User, offer: Offer, code: str) -> None:
    """Put the app of an offer in force, in place of an earlier one; raises Invalid."""
    step = is_code(offer.secret, code)
    if step is None:
        raise Invalid(gettext("This code is not right."), {"code": worded(_WRONG)})
    write_alone(session)
    session.exec(sa.delete(Totp).where(col(Totp.user_id) == user.id))
    session.add(Totp(user_id=user.id, sealed=offer.sealed, last_step=step))
    audit.record(session, "second factor added", of(user), by=user, factor="app")


def of(user: User) -> str:
    """Return how the audit log names an account: it only grows, so it holds no address."""
    return f"account {user.id}"


def check_code(session: Session, user: User, code: str, secret: str) -> None:
    """Let a code of the app or a recovery code pass, each once; raises Invalid.

    `secret` is that of the settings.
    """
    if not (_use_app(session, user, code, secret) or _use_recovery(session, user, code)):
        raise Invalid(gettext("This code is not right."), {"code": worded(_WRONG)})


def _use_app(session: Session, user: User, code: str, secret: str) -> bool:
    app = session.get(Totp, user.id)
    if app is None:
        return False
    try:
        _, _, shared = unseal(secret, PURPOSE, app.sealed).partition(" ")
    except Invalid:
        return False
    step = is_code(shared, code, app.last_step)
    if step is None:
        return False
    # Of two who send one code at once, only one finds the last step still before it.
    used = sa.update(Totp).where(col(Totp.user_id) == user.id, col(Totp.last_step) < step)
    return bool(session.exec(used.values(last_step=step)).rowcount)


def _recovery_hash(code: str) -> str:
    plain = "".join(c for c in code.lower() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _use_recovery(session: Session, user: User, code: str) -> bool:
    used = sa.delete(RecoveryCode).where(
        col(RecoveryCode.user_id) == user.id,
        col(RecoveryCode.code_hash) == _recovery_hash(code),
    )
    return bool(session.exec(used).rowcount)


def make_recovery_codes(session: Session, user: User) -> list[str]:
    """Return ten new codes, which are shown this once; those of before are worth nothing now."""
    write_alone(session)
    session.exec(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))
    codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(code_hash=_recovery_hash(c), user_id=user.id) for c in codes)
    audit.record(session, "recovery codes made", of(user), by=user)
    return codes


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[n : n + 4] for n in range(0, len(text), 4))


def remove_app(session: Session, user: User, *, by: User) -> None:
    """Take the app out of force; recovery codes go with the last factor."""
    write_alone(session)
    removed = session.exec(sa.delete(Totp).where(col(Totp.user_id) == user.id)).rowcount
    if removed:
        audit.record(session, "second factor removed", of(user), by=by, factor="app")
        forget_spare_codes(session, user)


def forget_spare_codes(session: Session, user: User) -> None:
    """Delete the recovery codes of an account that has no second factor any more."""
    if not factors_of(session, user.id).any:
        session.exec(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == user.id))


def remove_all(session: Session, user: User, *, by: User) -> None:
    """Take every second factor of a person away: they lost their phone and their codes."""
    write_alone(session)
    for table in (Totp, Passkey, RecoveryCode):
        session.exec(sa.delete(table).where(col(table.user_id) == user.id))
    audit.record(session, "second factor removed", of(user), by=by, factor="all")
