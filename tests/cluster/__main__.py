"""A primary, two standbys and three nodes under load; the primary is killed, a standby promoted.

`make cluster` runs it and prints figures. It ends with 1 when a read failed, an acknowledged save
was lost, or the index of a node does not agree with the database in the end.
"""

import os
import sys

from tests.cluster.trial import Trial


def main() -> int:
    """Run the trial, print what was measured, and return the exit status."""
    trial = Trial(
        entries=int(os.environ.get("DIRECTORY_TEST_ENTRIES", "5000")),
        seconds=float(os.environ.get("DIRECTORY_TEST_SECONDS", "10")),
    )
    broken = trial.run()
    for what in broken:
        print(f"BROKEN: {what}")
    print("Nothing was broken." if not broken else f"{len(broken)} promises were broken.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
