"""Passkeys: a device or a password manager proves who somebody is (WebAuthn level 3).

The device asks for a fingerprint, face or PIN, so that a passkey alone is two factors. Where the
public address is a bare IP address there are none: the standard binds them to a name.
"""

import ipaddress
import json
import uuid
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from directory import audit
from directory.accounts.factors import forget_spare_codes, of
from directory.accounts.models import Passkey, User
from directory.db import now, write_alone
from directory.errors import Invalid, NotFound
from directory.languages import gettext, marked, worded
from directory.settings import Settings

# `webauthn` is imported where it is used: it costs a tenth of a second, and few requests need it.

_NOT_READ = marked("This passkey was not accepted. Try again, or use another way to sign in.")
_LONGEST_NAME = 60
MOST = 20


def site_of(settings: Settings) -> str | None:
    """Return the name that passkeys are bound to; None where there can be none."""
    host = urlsplit(settings.base_url).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host or None
    return None


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _site(settings: Settings) -> str:
    site = site_of(settings)
    if site is None:
        raise NotFound(gettext("There are no passkeys on this site: its address is not a name."))
    return site


def passkeys_of(session: Session, user: User) -> Sequence[Passkey]:
    """Return the passkeys of a person, in the order in which they were added."""
    mine = select(Passkey).where(Passkey.user_id == user.id).order_by(col(Passkey.created_at))
    return session.exec(mine).all()


def offer_registration(session: Session, user: User, settings: Settings) -> tuple[str, str]:
    """Return what the browser is asked, as JSON, and the challenge to keep until it answers."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url, structs

    options = webauthn.generate_registration_options(
        rp_id=_site(settings),
        rp_name=settings.site_name,
        user_id=user.id.bytes,
        user_name=user.email,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=p.credential)
            for p in passkeys_of(session, user)
        ],
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def register(
    session: Session, user: User, answer: str, challenge: str, name: str, settings: Settings
) -> Passkey:
    """Keep the passkey that a browser made; raises Invalid when it does not fit the challenge."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    site = _site(settings)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=_origin(settings),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid(worded(_NOT_READ)) from error
    write_alone(session)
    if len(passkeys_of(session, user)) >= MOST:
        raise Invalid(
            gettext("An account has at most %(most)s passkeys. Remove one first.", most=MOST)
        )
    if session.exec(select(Passkey.id).where(Passkey.credential == made.credential_id)).first():
        raise Invalid(gettext("This passkey is in use already."))
    kept = Passkey(
        user_id=user.id,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=" ".join(name.split())[:_LONGEST_NAME],
    )
    session.add(kept)
    audit.record(session, "second factor added", of(user), by=user, factor="passkey")
    return kept


def offer_sign_in(settings: Settings) -> tuple[str, str]:
    """Return what the browser is asked, as JSON, and the challenge to keep until it answers."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url, structs

    options = webauthn.generate_authentication_options(
        rp_id=_site(settings), user_verification=structs.UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def sign_in_with(session: Session, answer: str, challenge: str, settings: Settings) -> User:
    """Return whose passkey has signed the challenge; raises Invalid, always in the same words."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    site = _site(settings)
    write_alone(session)
    try:
        read = parse_authentication_credential_json(answer)
        key = session.exec(select(Passkey).where(Passkey.credential == read.raw_id)).first()
        user = session.get(User, key.user_id) if key else None
        if key is None or user is None or user.ended_at:
            raise Invalid(worded(_NOT_READ))
        if read.response.user_handle not in (None, user.id.bytes):
            raise Invalid(worded(_NOT_READ))
        proof = webauthn.verify_authentication_response(
            credential=read,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=site,
            expected_origin=_origin(settings),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError) as error:
        raise Invalid(worded(_NOT_READ)) from error
    key.sign_count, key.used_at = proof.new_sign_count, now()
    return user


def remove_passkey(session: Session, user: User, number: uuid.UUID, *, by: User) -> None:
    """Forget a passkey of a person; raises NotFound when it is none of theirs."""
    write_alone(session)
    key = session.get(Passkey, number)
    if key is None or key.user_id != user.id:
        raise NotFound(gettext("There is no such passkey in this account."))
    session.delete(key)
    session.flush()
    audit.record(session, "second factor removed", of(user), by=by, factor="passkey")
    forget_spare_codes(session, user)


def read_answer(text: bytes) -> dict[str, str]:
    """Return the fields of what a script sent; raises Invalid when it is no such thing."""
    try:
        sent = json.loads(text)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise Invalid(worded(_NOT_READ))
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in sent.items()}
