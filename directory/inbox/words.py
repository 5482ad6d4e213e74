"""What people write to us, checked: nothing empty, overlong or invisible, few links."""

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from directory.entries.fields import Readable
from directory.entries.sentences import sentence
from directory.errors import Invalid
from directory.inbox.models import Problem
from directory.languages import gettext, marked, worded

LONGEST = 4000
LONGEST_VALUE = 2000
SHORTEST = 10
MOST_LINKS = 3
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
# The pattern that browsers use for <input type=email> (WHATWG HTML), with a dot in the domain:
# neither a comma nor a quote can make two addresses of one.
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(gettext("Write an e-mail address, such as office@example.org."))
    return text.lower()


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Address = Annotated[str, _text(254), AfterValidator(_address)]
Words = Annotated[str, _text(LONGEST), Readable]
Short = Annotated[str, _text(200), Readable]
Long = Annotated[str, _text(LONGEST_VALUE), Readable]


class ReportForm(BaseModel):
    """What a reader sends about an entry."""

    problem: Problem
    value: Long | None = None
    where: Long | None = None
    message: Words | None = None
    email: Address | None = None


class RequestForm(BaseModel):
    """What somebody sends who asks to edit an organisation."""

    email: Address
    job: Short
    message: Words | None = None


_NEEDED = {
    "email": marked("Give your e-mail address at work: we send a link to it."),
    "job": marked("Say what you do there, such as head of training."),
}
_Form = TypeVar("_Form", bound=BaseModel)


class _Said(BaseModel):
    text: Words


class _Sent(BaseModel):
    email: Address


def read_report(sent: Mapping[str, str]) -> ReportForm:
    """Check a report; raises Invalid with a sentence for each field that does not fit.

    A report needs some words: whoever has to act on it cannot ask back.
    """
    form, wrong = _read(ReportForm, sent)
    texts = [sent.get(name, "") for name in ("value", "where", "message")]
    if sum(len(_LINK.findall(text)) for text in texts) > MOST_LINKS:
        wrong.setdefault("message", gettext("Use at most %(most)s links in all.", most=MOST_LINKS))
    if len((texts[0] + texts[2]).strip()) < SHORTEST:
        short = gettext(
            "Write at least %(shortest)s characters: what is wrong, or what it should say.",
            shortest=SHORTEST,
        )
        wrong.setdefault("message", short)
    if "problem" in wrong:
        wrong["problem"] = gettext("Choose what is wrong.")
    if form is None or wrong:
        in_order = {name: wrong[name] for name in ReportForm.model_fields if name in wrong}
        raise Invalid(gettext("Some fields need another look."), in_order)
    return form


def read_request(sent: Mapping[str, str]) -> RequestForm:
    """Check a request; raises Invalid with a sentence for each field that does not fit."""
    form, wrong = _read(RequestForm, sent)
    for name, words in _NEEDED.items():
        if not sent.get(name, "").strip():
            wrong[name] = worded(words)
    if len(_LINK.findall(sent.get("message", ""))) > MOST_LINKS:
        wrong.setdefault("message", gettext("Use at most %(most)s links.", most=MOST_LINKS))
    if form is None or wrong:
        raise Invalid(gettext("Some fields need another look."), wrong)
    return form


def check_words(text: str, name: str, *, needed: str = "") -> str:
    """Return a text as it is kept; raises Invalid under `name`, with `needed` when it is empty."""
    if not text.strip():
        if needed:
            raise Invalid(gettext("Some words are needed."), {name: needed})
        return ""
    said, wrong = _read(_Said, {"text": text})
    if said is None:
        raise Invalid(gettext("This text cannot be kept."), {name: wrong["text"]})
    return said.text


def check_address(text: str, name: str) -> str:
    """Return an e-mail address in lower case; raises Invalid under `name`."""
    sent, wrong = _read(_Sent, {"email": text})
    if sent is None:
        raise Invalid(gettext("This is no e-mail address."), {name: wrong["email"]})
    return sent.email


def _read(form: type[_Form], sent: Mapping[str, str]) -> tuple[_Form | None, dict[str, str]]:
    """Return the form, or None, and one sentence for each field that does not fit."""
    given = {k: v for k, v in sent.items() if k in form.model_fields and v.strip()}
    try:
        return form.model_validate(given), {}
    except ValidationError as error:
        found = error.errors(include_url=False)
        return None, {str(item["loc"][0]): sentence(item) for item in found}
