"""The `directory` command: each command parses, calls one service, prints.

Each module adds its commands to the one of `cli/command.py` when it is imported.
"""

from directory.cli import doctor, exchange, installation, intake, serving, telling, upkeep
from directory.cli.command import main

__all__ = ["doctor", "exchange", "installation", "intake", "main", "serving", "telling", "upkeep"]
