"""File names of a configuration, wherever they stand in it, made absolute."""

from pathlib import Path
from typing import Any, TypeVar, cast

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)
SQLITE = "sqlite:///"


def anchored(shape: T, folder: Path) -> T:
    """Every file name in it, relative to `folder`: never to where somebody happened to stand."""
    found = {name: _rooted(value, folder) for name, value in shape}
    return shape.model_copy(update=found)


def anchored_url(url: str, folder: Path) -> str:
    """A database's URL; that of an SQLite file is relative to `folder` too."""
    name = url.removeprefix(SQLITE)
    if name == url or name.startswith("/"):
        return url
    return f"{SQLITE}{(folder / name).resolve()}"


def _rooted(value: Any, folder: Path) -> Any:
    match value:
        case Path():
            return folder / value
        case BaseModel():
            return anchored(value, folder)
        case list():
            return [_rooted(each, folder) for each in cast("list[Any]", value)]
        case dict():
            known = cast("dict[str, Any]", value)
            return {key: _rooted(each, folder) for key, each in known.items()}
        case _:
            return value
