"""The letters that accounts send: an invitation, a new link, and notice of what was changed.

Each is worded in the language of who gets it.
"""

from sqlmodel import Session

from directory.accounts.models import User
from directory.accounts.permissions import ROLE_NAMES
from directory.languages import gettext, reading, worded
from directory.mail import queue_mail
from directory.settings import Settings


def password_address(settings: Settings, token: str) -> str:
    """Return the address of the page that sets a password."""
    return f"{settings.base_url}/account/password/{token}"


def invitation(session: Session, user: User, token: str, settings: Settings) -> None:
    """Invite a person; the letter waits sealed, because its link lets somebody in."""
    site = settings.site_name
    with reading(user.language):
        text = _letter(
            gettext("You are invited to %(site)s.", site=site),
            gettext("Your role there: %(role)s.", role=worded(ROLE_NAMES[user.role])),
            gettext("To begin, set your password here. The link works once, within 7 days:")
            + f"\n{password_address(settings, token)}",
            gettext("If you did not expect this letter, you can ignore it."),
        )
        subject = gettext("Your account at %(site)s", site=site)
    queue_mail(session, user.email, subject, text, secret=settings.secret)


def reset(session: Session, user: User, token: str, settings: Settings) -> None:
    """Send a link to set a new password; it waits sealed, too."""
    site = settings.site_name
    with reading(user.language):
        text = _letter(
            gettext("Somebody, probably you, asked for a new password at %(site)s.", site=site),
            gettext("Set it here. The link works once, within 1 hour:")
            + f"\n{password_address(settings, token)}",
            gettext("If it was not you, ignore this letter: your password stays as it is."),
        )
        subject = gettext("Set a new password at %(site)s", site=site)
    queue_mail(session, user.email, subject, text, secret=settings.secret)


def changed(session: Session, user: User, sentence: str) -> None:
    """Tell a person that how they sign in was changed (OWASP ASVS 5, 6.3.7).

    `sentence` is in English, and becomes the subject too.
    """
    with reading(user.language):
        said = worded(sentence)
        text = _letter(
            said,
            gettext(
                "If it was you, there is nothing to do. If it was not, choose Sign in, then "
                "“Forgotten your password?”, and tell your administrator."
            ),
        )
    queue_mail(session, user.email, said.rstrip(".。"), text)


def _letter(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"
