"""Run the `directory` command as `python -m directory`."""

from directory.cli import main

main()
