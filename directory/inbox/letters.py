"""The mails of reports and requests, in plain words. Each returns (subject, text)."""

from directory.accounts.service import LINK_LIVES
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.inbox.models import Report
from directory.settings import Settings

Letter = tuple[str, str]


def _letter(settings: Settings, subject: str, *paragraphs: str) -> Letter:
    foot = f"{settings.site_name}\n{settings.base_url}"
    return subject, "\n\n".join(["Hello,", *(p for p in paragraphs if p), foot]) + "\n"


def _at(settings: Settings, entry: Entry) -> str:
    return settings.base_url + KINDS[entry.kind].url(entry.slug)


def _claim(settings: Settings, entry: Entry) -> str:
    return f"{_at(settings, entry)}/claim"


def report_answered(settings: Settings, report: Report, entry: Entry, done: bool) -> Letter:
    """Tell the sender of a report what came of it."""
    return _letter(
        settings,
        f"Your report {report.reference} about {entry.title}",
        f"you told us about {entry.title}:\n{_at(settings, entry)}",
        "We have looked at it and changed what was needed. Thank you."
        if done
        else "We have looked at it and changed nothing.",
        f"Our answer:\n{report.answer}" if report.answer else "",
        "If you do not agree, write to us again on the page of the entry and name "
        f"{report.reference}. Your address is deleted 30 days after this answer.",
    )


def prove_address(settings: Settings, entry: Entry, token: str, holder: str | None) -> Letter:
    """Ask the owner of an address whether they asked; `holder` names them as successor."""
    asked = (
        f"{holder}, who edits {entry.title} in our directory, names you as the next person to do "
        "so."
        if holder
        else f"somebody gave this address and asked to edit {entry.title} in our directory."
    )
    return _letter(
        settings,
        f"Please confirm: you want to edit {entry.title}",
        asked,
        "If that is right, open this link within 48 hours and press the button there:\n"
        f"{settings.base_url}/claim/{token}",
        "After that a curator reads your request. Nothing happens before you press the button. If "
        "you did not expect this mail, do nothing; we will not write again about it.",
    )


def still_waits(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant who asks once more that the first request is with a curator."""
    return _letter(
        settings,
        f"Your request to edit {entry.title} waits for a curator",
        f"you have asked to edit {entry.title} before, and your request is with a curator. You "
        "need not do anything. You get a mail when it is decided.",
    )


def holds_already(settings: Settings, entry: Entry) -> Letter:
    """Tell a holder who asks once more that there is nothing to ask for."""
    return _letter(
        settings,
        f"You can already edit {entry.title}",
        f"somebody gave this address and asked to edit {entry.title}. You can do that already: "
        f"sign in with this address.\n{settings.base_url}/account/organisations/{entry.slug}",
        "If it was not you who asked, you need not do anything.",
    )


def refused(settings: Settings, entry: Entry, reason: str, token: str) -> Letter:
    """Tell an applicant why not, and how to answer."""
    return _letter(
        settings,
        f"Your request to edit {entry.title} was refused",
        f"a curator has read your request to edit {entry.title} and could not grant it. The "
        f"reason:\n{reason}",
        "You can answer this within 30 days; then a curator looks at your request again:\n"
        f"{settings.base_url}/claim/answer/{token}",
    )


def disputed(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant that curators have to look at two who speak for one organisation."""
    return _letter(
        settings,
        f"Your request to edit {entry.title} takes longer",
        f"more than one person says that they speak for {entry.title}. Curators look at both "
        "sides and decide. Until then nothing changes. You get a mail when it is decided.",
    )


def somebody_else_asks(settings: Settings, entry: Entry, domain: str) -> Letter:
    """Tell a holder that somebody else asks for the same organisation."""
    return _letter(
        settings,
        f"Somebody else asks to edit {entry.title}",
        f"somebody with an address at {domain} asks to edit {entry.title}, which you edit for its "
        "provider. Curators decide about it. Your own right stays as it is meanwhile.",
        "If this person should not edit the organisation, say so and say why:\n"
        f"{settings.base_url}/account/organisations/{entry.slug}",
    )


def granted(settings: Settings, entry: Entry, link: str | None, until: str) -> Letter:
    """Tell an applicant what they may do now; `link` sets the password of a new account."""
    begin = (
        f"First set a password for your account. The link works once and for {LINK_LIVES.days} "
        f"days:\n{link}"
        if link
        else f"Sign in with this address:\n{settings.base_url}/account/sign-in"
    )
    return _letter(
        settings,
        f"You can now edit {entry.title}",
        f"a curator has granted your request. You may propose changes to {entry.title} and to the "
        "programmes and trainings it is behind, and confirm that they are right. A curator reads "
        "each change before it is public.",
        begin,
        f"Your right ends on {until} unless you confirm it before. You can hand it over or give it "
        f"up at any time:\n{settings.base_url}/account/organisations/{entry.slug}",
    )


def not_decided(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant that nobody decided in time, which is our fault."""
    return _letter(
        settings,
        f"Your request to edit {entry.title} has expired",
        f"no curator decided about your request to edit {entry.title} within 30 days. We are "
        "sorry: this is not about you. Please ask once more:\n" + _claim(settings, entry),
    )


def ended(settings: Settings, entry: Entry, because: str) -> Letter:
    """Tell a holder that their right has ended, and why."""
    return _letter(
        settings,
        f"You no longer edit {entry.title}",
        f"your right to edit {entry.title} has ended: {because}",
        "What you proposed and confirmed stays in the history of the entries. If you think that "
        "this is a mistake, ask again and say why:\n" + _claim(settings, entry),
    )


def ends_soon(settings: Settings, entry: Entry, until: str) -> Letter:
    """Ask a holder to renew before a right ends."""
    return _letter(
        settings,
        f"Do you still edit {entry.title}?",
        f"your right to edit {entry.title} ends on {until}. If you still speak for it, confirm "
        f"that in your account:\n{settings.base_url}/account/organisations/{entry.slug}",
        "If somebody else does so now, you can hand it over there.",
    )
