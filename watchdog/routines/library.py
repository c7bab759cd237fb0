"""Every routine that is known: those in the package, and those of a configured folder."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from watchdog.errors import ConfigError
from watchdog.model.routine import AssumedHours, Routine, Verification
from watchdog.routines.parse import parse

NOTHING_VERIFIED: Mapping[str, tuple[Verification, ...]] = {}


def read(
    folder: Path | None,
    assumed: dict[str, AssumedHours],
    verified: Mapping[str, tuple[Verification, ...]] = NOTHING_VERIFIED,
) -> dict[str, Routine]:
    """Site id to routine; a file of the folder replaces a packaged one. ConfigError with all problems."""
    texts: dict[str, tuple[str, str]] = {}
    packaged = resources.files("watchdog.routines") / "data"
    for entry in packaged.iterdir():
        if entry.name.endswith(".yaml"):
            texts[entry.name.removesuffix(".yaml")] = (entry.name, entry.read_text("utf-8"))
    if folder is not None:
        for path in sorted(folder.glob("*.yaml")):
            texts[path.stem] = (str(path), path.read_text("utf-8"))
    routines: dict[str, Routine] = {}
    problems: list[ConfigError] = []
    for name, (file, text) in sorted(texts.items()):
        try:
            routines[name] = parse(text, file, assumed.get(name), verified.get(name, ()))
        except ConfigError as error:
            problems.append(error)
    if problems:
        raise ConfigError([problem for error in problems for problem in error.problems])
    return routines
