"""Run every client on a fresh site and print what came of it; exit 1 on any error.

Names on the command line choose rows whose format, address or client has one of them.
"""

import sys
import warnings

import tests.interop.clients
from tests.interop.registry import HEAD, ROWS, details, line, run, table_line
from tests.interop.site import serving

__all__ = ["tests"]


def main() -> int:
    """Print the table as it grows."""
    # Clients warn of their own dependencies; what they find wrong with us they say otherwise.
    warnings.simplefilter("ignore")
    wanted = [word.lower() for word in sys.argv[1:]]
    rows = [
        r
        for r in ROWS
        if not wanted or any(w in f"{r.format} {r.address} {r.client}".lower() for w in wanted)
    ]
    print(line(HEAD), flush=True)
    outcomes = []
    with serving() as site:
        for one in rows:
            outcomes.append(run(one, site))
            print(table_line(outcomes[-1]), flush=True)
    for said in details(outcomes):
        print(said)
    failed = sum(o.failed for o in outcomes)
    absent = sum(o.absent for o in outcomes)
    records = sum(o.records for o in outcomes)
    print(f"{len(rows)} rows, {records:,} records read, {absent} absent, {failed} with errors.")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
