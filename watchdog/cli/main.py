"""The command `remissvakt`: one file per group of commands, read only when its command is typed.

All of them together, with every library that draws, serves or migrates, take several times as long to read
as one; who types a command during an outage waits for it, and so does each command of a script.
"""

import importlib
import sys
from collections.abc import Iterable

import typer

import watchdog

MODULES = {
    "serve": ("serve", "run", "api", "db"),
    "check": ("check", "init", "probe"),
    "simulate": ("simulate", "fault"),
    "sandbox": ("sandbox",),
    "demo": ("demo",),
    "replay": ("replay", "backtest", "record"),
    "explain": ("detection",),
    "instruct": ("instruct",),
    "pack": ("pack", "pack-check", "serial"),
    "orders": ("orders", "commission"),
    "incident": ("incident",),
    "drill": ("drill",),
    "keys": ("keys",),
    "notices": ("notices",),
    "subscriptions": ("subscriptions",),
    "audit": ("audit",),
    "maintenance": ("maintenance",),
    "routines": ("routines",),
}
"""Module of this package: the commands that its `register` adds."""


def built(modules: Iterable[str] = MODULES) -> typer.Typer:
    """The command with what these modules add to it; without an argument, all of it."""
    app = typer.Typer(
        name="remissvakt",
        help="Proves that radiology referrals arrive, and says what to do when they do not.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for module in modules:
        importlib.import_module(f"watchdog.cli.{module}").register(app)
    app.command()(version)
    return app


def version() -> None:
    """Print the version."""
    typer.echo(watchdog.__version__)


def main() -> None:
    """Entry point, reached through `api/start.py`."""
    typed = sys.argv[1] if len(sys.argv) > 1 else ""
    # what nobody registers (--help, a misspelt word) is answered with everything that there is
    built([module for module, commands in MODULES.items() if typed in commands] or MODULES)()


if __name__ == "__main__":
    main()
