"""`directory user add`."""

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from directory.accounts.models import User
from directory.cli import main
from directory.settings import Settings
from tests.people import writing


def run(settings: Settings, *words: str) -> Result:
    environment = {
        "DIRECTORY_DATABASE_URL": settings.database_url,
        "DIRECTORY_BASE_URL": settings.base_url,
    }
    return CliRunner().invoke(main, ["user", "add", *words], env=environment)


def test_it_prints_the_link_that_sets_the_password(desk_settings: Settings) -> None:
    result = run(desk_settings, "Ana@Example.org", "--role", "curator")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("http://testserver.local/account/password/")
    assert len(result.output.strip().rpartition("/")[2]) >= 32
    with writing(desk_settings) as session:
        person = session.exec(select(User)).one()
    assert (person.email, person.role, person.password_hash) == ("ana@example.org", "curator", None)


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@", "ana@host", "a b@example.org", "<a@b.example>"]
)
def test_what_cannot_be_an_address_is_refused_in_one_sentence(
    desk_settings: Settings, email: str
) -> None:
    result = run(desk_settings, "--role", "curator", "--", email)
    assert result.exit_code == 1
    assert result.stderr.strip().endswith("is not an e-mail address.")
    assert result.stderr.count("\n") == 1


def test_a_second_account_with_an_address_is_refused(desk_settings: Settings) -> None:
    assert run(desk_settings, "ana@example.org", "--role", "curator").exit_code == 0
    result = run(desk_settings, "ANA@example.org", "--role", "admin")
    assert result.exit_code == 1
    assert "already an account" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("words", [["ana@example.org"], ["ana@example.org", "--role", "king"], []])
def test_wrong_use_is_told_apart_from_failure(desk_settings: Settings, words: list[str]) -> None:
    assert run(desk_settings, *words).exit_code == 2
