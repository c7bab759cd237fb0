"""`python -m watchdog` is the command `remissvakt`."""

from watchdog.cli.main import main

main()
