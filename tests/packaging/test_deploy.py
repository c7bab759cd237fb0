"""What deploy/ says can be done: its files parse, and name only commands and files that exist."""

import re
from pathlib import Path

import pytest
import typer
import yaml

from watchdog.cli.main import built

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def commands() -> set[str]:
    """Every command line of `remissvakt`, without arguments."""
    group = typer.main.get_group(built())
    found: set[str] = set()
    for name, command in group.commands.items():
        found.add(name)
        for inner in getattr(command, "commands", {}):
            found.add(f"{name} {inner}")
    return found


@pytest.mark.parametrize(
    "file",
    [
        *sorted(DEPLOY.rglob("*.md")),
        *sorted((ROOT / "docs").glob("*.md")),
        *sorted((DEPLOY / "systemd").glob("*.service")),
    ],
    ids=lambda file: file.name,
)
def test_every_command_that_is_named_exists(file: Path) -> None:
    known = commands()
    groups = {name.split()[0] for name in known if " " in name}
    named = re.findall(
        r"(?:^|`|/bin/)remissvakt ([a-z-]+)(?: ([a-z-]+))?", file.read_text("utf-8"), re.M
    )
    for first, second in named:
        assert first in known, f"{file.name}: remissvakt {first}"
        if first in groups and second:
            assert f"{first} {second}" in known, f"{file.name}: remissvakt {first} {second}"


def test_the_compose_file_names_a_node_twice_and_files_that_are_here() -> None:
    found = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    assert {"database", "node-a", "node-b", "proxy"} == set(found["services"])
    for name in ("node-a", "node-b"):
        node = found["services"][name]
        assert node["command"][0] in commands()
        assert (DEPLOY / "compose" / node["build"] / "Dockerfile").is_file()
    assert (DEPLOY / "compose" / "nginx.conf").is_file()


@pytest.mark.parametrize(("unit", "starts"), [("remissvakt", "serve"), ("remissvakt-api", "api")])
def test_the_unit_starts_the_service_and_starts_it_again(unit: str, starts: str) -> None:
    text = (DEPLOY / "systemd" / f"{unit}.service").read_text("utf-8")
    assert re.search(rf"^ExecStart=/opt/remissvakt/bin/remissvakt {starts} ", text, re.M)
    assert "Restart=always" in text
