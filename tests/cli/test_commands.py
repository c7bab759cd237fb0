"""Which file has a command, and that typing one command does not read the others."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from watchdog.cli.main import MODULES, built

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "watchdog" / "cli"


def test_every_module_that_adds_commands_is_in_the_table() -> None:
    found = {f.stem for f in FOLDER.glob("*.py") if "\ndef register(" in f.read_text("utf-8")}
    assert found == set(MODULES)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_adds_exactly_the_commands_that_the_table_names(module: str) -> None:
    commands = typer.main.get_group(built([module])).commands
    assert set(commands) == {*MODULES[module], "version"}


TYPED = """
import sys
from watchdog.cli.main import main
sys.argv = ["remissvakt", *sys.argv[1:]]
try:
    main()
finally:
    print(" ".join(name for name in sys.modules if name.startswith("watchdog.cli.")))
"""


def _said(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return done.stdout


def test_typing_a_command_reads_its_own_module_and_no_other() -> None:
    said = _said("-c", TYPED, "keys", "--help")
    assert "API keys for the write routes." in said
    read = {name.rsplit(".", 1)[-1] for name in said.splitlines()[-1].split()}
    assert read & set(MODULES) == {"keys"}


def test_a_word_that_is_no_command_is_answered_with_all_that_there_are() -> None:
    said = _said("-m", "watchdog", "--help")
    assert [command for of in MODULES.values() for command in of if command not in said] == []
