"""The mails of reports and requests, in plain words. Each returns (subject, text).

They are worded in the language that is read: the caller says whose that is. After “Hello,” a
letter goes on in the same sentence, so that first paragraphs begin small in English.
"""

from datetime import datetime

from directory.accounts.service import LINK_LIVES
from directory.entries.kinds import KINDS
from directory.entries.models import Entry
from directory.inbox.models import Report
from directory.languages import day, gettext, ngettext
from directory.settings import Settings

Letter = tuple[str, str]


def _letter(settings: Settings, subject: str, *paragraphs: str) -> Letter:
    foot = f"{settings.site_name}\n{settings.base_url}"
    hello = gettext("Hello,")
    return subject, "\n\n".join([hello, *(p for p in paragraphs if p), foot]) + "\n"


def _at(settings: Settings, entry: Entry) -> str:
    return settings.base_url + KINDS[entry.kind].url(entry.slug)


def _claim(settings: Settings, entry: Entry) -> str:
    return f"{_at(settings, entry)}/claim"


def _account(settings: Settings, entry: Entry) -> str:
    return f"{settings.base_url}/account/organisations/{entry.slug}"


def report_answered(settings: Settings, report: Report, entry: Entry, done: bool) -> Letter:
    """Tell the sender of a report what came of it."""
    title, reference = entry.title, report.reference
    return _letter(
        settings,
        gettext("Your report %(reference)s about %(title)s", reference=reference, title=title),
        gettext("you told us about %(title)s:", title=title) + f"\n{_at(settings, entry)}",
        gettext("We have looked at it and changed what was needed. Thank you.")
        if done
        else gettext("We have looked at it and changed nothing."),
        f"{gettext('Our answer:')}\n{report.answer}" if report.answer else "",
        gettext(
            "If you do not agree, write to us again on the page of the entry and name "
            "%(reference)s. Your address is deleted 30 days after this answer.",
            reference=reference,
        ),
    )


def prove_address(settings: Settings, entry: Entry, token: str, holder: str | None) -> Letter:
    """Ask the owner of an address whether they asked; `holder` names them as successor."""
    title = entry.title
    asked = (
        gettext(
            "%(holder)s, who edits %(title)s in our directory, names you as the next person to do "
            "so.",
            holder=holder,
            title=title,
        )
        if holder
        else gettext(
            "somebody gave this address and asked to edit %(title)s in our directory.", title=title
        )
    )
    return _letter(
        settings,
        gettext("Please confirm: you want to edit %(title)s", title=title),
        asked,
        gettext("If that is right, open this link within 48 hours and press the button there:")
        + f"\n{settings.base_url}/claim/{token}",
        gettext(
            "After that a curator reads your request. Nothing happens before you press the "
            "button. If you did not expect this mail, do nothing; we will not write again about it."
        ),
    )


def still_waits(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant who asks once more that the first request is with a curator."""
    return _letter(
        settings,
        gettext("Your request to edit %(title)s waits for a curator", title=entry.title),
        gettext(
            "you have asked to edit %(title)s before, and your request is with a curator. You "
            "need not do anything. You get a mail when it is decided.",
            title=entry.title,
        ),
    )


def holds_already(settings: Settings, entry: Entry) -> Letter:
    """Tell a holder who asks once more that there is nothing to ask for."""
    return _letter(
        settings,
        gettext("You can already edit %(title)s", title=entry.title),
        gettext(
            "somebody gave this address and asked to edit %(title)s. You can do that already: "
            "sign in with this address.",
            title=entry.title,
        )
        + f"\n{_account(settings, entry)}",
        gettext("If it was not you who asked, you need not do anything."),
    )


def refused(settings: Settings, entry: Entry, reason: str, token: str) -> Letter:
    """Tell an applicant why not, and how to answer."""
    return _letter(
        settings,
        gettext("Your request to edit %(title)s was refused", title=entry.title),
        gettext(
            "a curator has read your request to edit %(title)s and could not grant it. The reason:",
            title=entry.title,
        )
        + f"\n{reason}",
        gettext("You can answer this within 30 days; then a curator looks at your request again:")
        + f"\n{settings.base_url}/claim/answer/{token}",
    )


def disputed(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant that curators have to look at two who speak for one organisation."""
    return _letter(
        settings,
        gettext("Your request to edit %(title)s takes longer", title=entry.title),
        gettext(
            "more than one person says that they speak for %(title)s. Curators look at both "
            "sides and decide. Until then nothing changes. You get a mail when it is decided.",
            title=entry.title,
        ),
    )


def somebody_else_asks(settings: Settings, entry: Entry, domain: str) -> Letter:
    """Tell a holder that somebody else asks for the same organisation."""
    return _letter(
        settings,
        gettext("Somebody else asks to edit %(title)s", title=entry.title),
        gettext(
            "somebody with an address at %(domain)s asks to edit %(title)s, which you edit for its "
            "provider. Curators decide about it. Your own right stays as it is meanwhile.",
            domain=domain,
            title=entry.title,
        ),
        gettext("If this person should not edit the organisation, say so and say why:")
        + f"\n{_account(settings, entry)}",
    )


def granted(settings: Settings, entry: Entry, link: str | None, until: datetime) -> Letter:
    """Tell an applicant what they may do now; `link` sets the password of a new account."""
    days = LINK_LIVES.days
    begin = (
        ngettext(
            "First set a password for your account. The link works once and for %(count)s day:",
            "First set a password for your account. The link works once and for %(count)s days:",
            days,
        )
        + f"\n{link}"
        if link
        else gettext("Sign in with this address:") + f"\n{settings.base_url}/account/sign-in"
    )
    return _letter(
        settings,
        gettext("You can now edit %(title)s", title=entry.title),
        gettext(
            "a curator has granted your request. You may propose changes to %(title)s and to the "
            "programmes and trainings it is behind, and confirm that they are right. A curator "
            "reads each change before it is public.",
            title=entry.title,
        ),
        begin,
        gettext(
            "Your right ends on %(day)s unless you confirm it before. You can hand it over or give "
            "it up at any time:",
            day=day(until),
        )
        + f"\n{_account(settings, entry)}",
    )


def not_decided(settings: Settings, entry: Entry) -> Letter:
    """Tell an applicant that nobody decided in time, which is our fault."""
    return _letter(
        settings,
        gettext("Your request to edit %(title)s has expired", title=entry.title),
        gettext(
            "no curator decided about your request to edit %(title)s within 30 days. We are "
            "sorry: this is not about you. Please ask once more:",
            title=entry.title,
        )
        + f"\n{_claim(settings, entry)}",
    )


def ended(settings: Settings, entry: Entry, because: str) -> Letter:
    """Tell a holder that their right has ended, and why."""
    return _letter(
        settings,
        gettext("You no longer edit %(title)s", title=entry.title),
        gettext(
            "your right to edit %(title)s has ended: %(reason)s", title=entry.title, reason=because
        ),
        gettext(
            "What you proposed and confirmed stays in the history of the entries. If you think "
            "that this is a mistake, ask again and say why:"
        )
        + f"\n{_claim(settings, entry)}",
    )


def ends_soon(settings: Settings, entry: Entry, until: datetime) -> Letter:
    """Ask a holder to renew before a right ends."""
    return _letter(
        settings,
        gettext("Do you still edit %(title)s?", title=entry.title),
        gettext(
            "your right to edit %(title)s ends on %(day)s. If you still speak for it, confirm "
            "that in your account:",
            title=entry.title,
            day=day(until),
        )
        + f"\n{_account(settings, entry)}",
        gettext("If somebody else does so now, you can hand it over there."),
    )
