"""The letters that accounts send: an invitation, a new link, and notice of what was changed."""

from sqlmodel import Session

from directory.accounts.models import User
from directory.accounts.permissions import ROLE_NAMES
from directory.mail import queue_mail
from directory.settings import Settings


def password_address(settings: Settings, token: str) -> str:
    """Return the address of the page that sets a password."""
    return f"{settings.base_url}/account/password/{token}"


def invitation(session: Session, user: User, token: str, settings: Settings) -> None:
    """Invite a person; the letter waits sealed, because its link lets somebody in."""
    role = ROLE_NAMES[user.role].lower()
    text = (
        f"You are invited to {settings.site_name} as {role}.\n\n"
        "To begin, set your password here. The link works once, within 7 days:\n"
        f"{password_address(settings, token)}\n\n"
        "If you did not expect this letter, you can ignore it.\n"
    )
    queue_mail(session, user.email, f"Your account at {settings.site_name}", text,
               secret=settings.secret)  # fmt: skip


def reset(session: Session, user: User, token: str, settings: Settings) -> None:
    """Send a link to set a new password; it waits sealed, too."""
    text = (
        f"Somebody, probably you, asked for a new password at {settings.site_name}.\n\n"
        "Set it here. The link works once, within 1 hour:\n"
        f"{password_address(settings, token)}\n\n"
        "If it was not you, ignore this letter: your password stays as it is.\n"
    )
    queue_mail(session, user.email, f"Set a new password at {settings.site_name}", text,
               secret=settings.secret)  # fmt: skip


def changed(session: Session, user: User, sentence: str) -> None:
    """Tell a person that how they sign in was changed (OWASP ASVS 5, 6.3.7)."""
    text = (
        f"{sentence}\n\nIf it was you, there is nothing to do. If it was not, choose Sign in, then "
        "“Forgotten your password?”, and tell your administrator.\n"
    )
    queue_mail(session, user.email, sentence.rstrip("."), text)
