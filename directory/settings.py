"""Every setting: name, default, one sentence. Values come from `DIRECTORY_…` variables."""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGE = Path(__file__).parent
_PASSWORD = re.compile(r"(//[^:/@]*:).*(?=@)|(password=)[^&]*")
_WITH_PASSWORD = ("database_url", "replica_urls", "smtp_url")
_BETWEEN_STANDBYS = re.compile(r"\s*,\s*(?=\w+(?:\+\w+)?://)")


def data(name: str) -> Path:
    """Return the folder `templates`, `migrations` or `seed`.

    It lies beside the package in a checkout, inside it when installed from a wheel.
    """
    root = PACKAGE.parent
    return root / name if (root / "pyproject.toml").exists() else PACKAGE / "_data" / name


class Settings(BaseSettings):
    """The settings of one running installation."""

    model_config = SettingsConfigDict(env_prefix="DIRECTORY_", extra="ignore", frozen=True)

    database_url: str = Field(
        "sqlite:///directory.db",
        description="Where the entries are: a SQLite file, or postgresql+psycopg://user@host/name.",
    )
    replica_urls: str | None = Field(
        None,
        description="Standbys of that PostgreSQL server, which visitors read from: addresses like "
        "the one above, with commas between them.",
    )
    data_dir: Path = Field(
        Path("directory-data"),
        description="Folder for what can be rebuilt (search index) and for the secret key.",
    )
    base_url: str = Field(
        "http://127.0.0.1:8000",
        description="The public address, without a slash at the end; used in links for machines.",
    )
    site_name: str = Field(
        "Digital Capacity Directory", description="The name in the head of every page."
    )
    secret_key: str | None = Field(
        None,
        description="Signs forms; without it a key is made once and kept in the data folder.",
    )

    security_contact: str | None = Field(
        None,
        description="Where to report a weakness: mailto:… or https://…; by default the about page.",
    )

    smtp_url: str | None = Field(
        None,
        description="Mail server, smtp://user:password@host:587 or smtps://…; without it, mail "
        "becomes files in the folder outbox of the data folder.",
    )
    mail_from: str | None = Field(
        None, description="Sender of mail; by default noreply@ the host of the public address."
    )
    api_requests_a_minute: int = Field(
        1200,
        gt=0,
        description="So many requests to the API are answered from one network address, a worker.",
    )
    api_writes_a_minute: int = Field(
        120, gt=0, description="So many requests that write are answered with one token, a worker."
    )
    kept_pages_mb: int = Field(
        32,
        ge=0,
        description="Memory for pages that are kept, compressed, until what is public changes, in "
        "MB, a worker; 0 keeps none.",
    )
    second_factor_required: bool = Field(
        False, description="Curators and admins must sign in with a second factor."
    )

    @property
    def secure(self) -> bool:
        """Cookies travel over https only when the public address is https."""
        return self.base_url.startswith("https://")

    @property
    def standbys(self) -> list[str]:
        """Return the address of each standby; an address may have commas of its own."""
        given = (self.replica_urls or "").strip(" ,")
        return _BETWEEN_STANDBYS.split(given) if given else []

    @cached_property
    def secret(self) -> str:
        """Return the secret key, making and keeping one on first use (file mode 600).

        The file appears with the key in it: another worker must not read it while it is empty.
        """
        if self.secret_key:
            return self.secret_key
        path = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=self.data_dir, encoding="ascii") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                with suppress(FileExistsError):
                    os.link(file.name, path)
        return path.read_text(encoding="ascii")

    def rows(self) -> list[tuple[str, Any, str, str]]:
        """Return (variable, value, origin, sentence) for each setting; no secret is shown."""
        shown = []
        for name, info in type(self).model_fields.items():
            value = "(hidden)" if name == "secret_key" and self.secret_key else getattr(self, name)
            if name in _WITH_PASSWORD and value:
                each = _BETWEEN_STANDBYS.split(value)
                value = ",".join(_PASSWORD.sub(r"\1\2(hidden)", one) for one in each)
            origin = "environment" if name in self.model_fields_set else "default"
            shown.append((f"DIRECTORY_{name.upper()}", value, origin, info.description or ""))
        return shown
