"""Fill the site with the entries of another peer."""

import sqlite3

import django
from django.core.management import call_command

from directory.search.query import PER_PAGE  # noqa: F401  (the page needs it: fail early)
from tests.benchmarks.peers import SHARED, TEXTS

AT_ONCE = 5_000


def main() -> None:
    """Make the tables, write the entries, and index them as the documentation says."""
    django.setup()
    from django.conf import settings
    from django.db import connection

    from tests.benchmarks.wagtail_site.models import Entry

    call_command("migrate", verbosity=0, run_syncdb=True)
    columns = ["slug", *TEXTS, *SHARED]
    with sqlite3.connect(settings.FOLDER / "peer.db") as db:
        rows = db.execute(f"SELECT {', '.join(columns)} FROM entry ORDER BY id")
        while some := rows.fetchmany(AT_ONCE):
            Entry.objects.bulk_create(Entry(**dict(zip(columns, row, strict=True))) for row in some)
    call_command("update_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
