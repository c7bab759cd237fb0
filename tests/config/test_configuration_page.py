"""docs/configuration.md names every key of the configuration, with its default, and no other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from watchdog.config.schema import ConfigFile

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
Heading = frozenset[str]
"""What stands in backticks in a section's heading: the places in the file, and the kinds there."""
Keys = dict[str, str]
"""Key to default, as the page writes it."""


@dataclass
class Declared:
    """What one class of the schema declares, wherever it is used."""

    places: set[str] = field(default_factory=set[str])
    keys: Keys = field(default_factory=dict[str, str])


def demanded() -> dict[Heading, Keys]:
    """The sections that the schema asks for. What kinds share is a section of its own, with them all."""
    found: dict[type[BaseModel], Declared] = {}
    _walk(ConfigFile, "", found)
    return {frozenset(each.places): each.keys for each in found.values() if each.keys}


def shown(page: str) -> dict[Heading, Keys]:
    """The sections that the page has: those with a table of keys."""
    found: dict[Heading, Keys] = {}
    for section in re.split(r"^##+ ", page, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        if "| key | default |" not in text:
            continue
        rows = re.findall(r"^\| `([a-z_]+)` \| ([^|]+) \|", text, re.MULTILINE)
        assert len(rows) == len(re.findall(r"^\| ", text, re.MULTILINE)) - 1, heading
        name = frozenset(re.findall(r"`([^`]+)`", heading))
        assert name not in found, heading
        found[name] = dict(rows)
    return found


def differences(page: str) -> list[str]:
    """Where page and schema do not say the same."""
    asked, told = demanded(), shown(page)
    wrong = [f"no section: {_title(heading)}" for heading in asked.keys() - told.keys()]
    wrong += [f"a section too many: {_title(heading)}" for heading in told.keys() - asked.keys()]
    for heading in asked.keys() & told.keys():
        for key in asked[heading].keys() | told[heading].keys():
            pair = told[heading].get(key, "not told"), asked[heading].get(key, "no such key")
            if pair[0] != pair[1]:
                wrong.append(f"{_title(heading)}: {key}: {pair[0]} / {pair[1]}")
    return sorted(wrong)


def test_the_page_and_the_schema_name_the_same_keys_with_the_same_defaults() -> None:
    assert differences(PAGE) == []
    assert sum(map(len, shown(PAGE).values())) > 150


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("| `hold_off_s` | 120 |", "| hold_off_s | 120 |", "counts"),
        (
            "| `orderer` | REMISSVAKT | ORC-12: a function, never a person |\n",
            "",
            "`paths.*.send`: orderer: not told / REMISSVAKT",
        ),
        (
            "| `sex` | O |",
            "| `gender` | O | |\n| `sex` | O |",
            "`identities.synthetic`: gender: O / no such key",
        ),
        (
            "| `hold_off_s` | 120 |",
            "| `hold_off_s` | 60 |",
            "`sites.*`: hold_off_s: 60 / 120",
        ),
        (
            "| `every_s` | 15 |",
            "| `every_s` | required |",
            "every_s: required / 15",
        ),
        ("### `notify.smtp`", "### `notify.mail`", "no section: `notify.smtp`"),
        ("## `groups.*`", "## `clusters.*`", "a section too many: `clusters.*`"),
    ],
)
def test_a_page_that_says_something_else_is_found_out(before: str, after: str, found: str) -> None:
    assert before in PAGE
    changed = PAGE.replace(before, after, 1)

    if found == "counts":
        with pytest.raises(AssertionError):
            differences(changed)
    else:
        assert any(each.endswith(found) or each == found for each in differences(changed))


def test_every_place_that_the_text_names_exists() -> None:
    places = {place for heading in demanded() for place in heading}
    known = places | {f"{p}.{k}" for heading, ks in demanded().items() for p in heading for k in ks}
    dotted = set(re.findall(r"`((?:[a-z]+)(?:\.[a-z_*]+(?:\[\])?)+)`", PAGE))
    top = {place for place in dotted if place.partition(".")[0] in ConfigFile.model_fields}
    assert len(top) > 20
    assert {_plain(place) for place in top} <= {_plain(place) for place in known}


def test_every_environment_variable_that_is_read_is_on_the_page() -> None:
    settings = (ROOT / "watchdog" / "settings.py").read_text("utf-8")
    read = set(re.findall(r'"(REMISSVAKT_[A-Z_]+)"', settings))
    rows = set(re.findall(r"^\| `(REMISSVAKT_[A-Z_]+)` \|", PAGE, re.MULTILINE))
    assert len(read) == 4
    assert rows == read


def _walk(model: type[BaseModel], place: str, found: dict[type[BaseModel], Declared]) -> None:
    """Into `found`: the keys of the model, each with the class that declares it, and what lies below."""
    kind = _kind(model)
    for name, info in model.model_fields.items():
        if name == "kind" and kind:
            continue  # the heading says it
        key = info.alias or name
        owner = next(
            base for base in reversed(model.__mro__) if name in getattr(base, "model_fields", {})
        )
        declared = found.setdefault(owner, Declared())
        declared.keys[key] = _default(info)
        declared.places |= {each for each in (place, kind) if each}
        for inner, how in _models(info.annotation):
            _walk(inner, f"{place}.{key}{how}".removeprefix("."), found)


def _models(hint: Any) -> Iterator[tuple[type[BaseModel], str]]:
    """The models in a type, and how each is reached: by itself, as an item, or by a name."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Annotated:
        yield from _models(inner[0])
    elif origin in (Union, UnionType):
        for each in inner:
            yield from _models(each)
    elif origin in (list, tuple):
        yield from ((model, f"[]{how}") for model, how in _models(inner[0]))
    elif origin is dict:
        yield from ((model, f".*{how}") for model, how in _models(inner[1]))
    elif origin is None and isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint, ""


def _kind(model: type[BaseModel]) -> str:
    """Its `kind`, if it is one of several."""
    info = model.model_fields.get("kind")
    if info is None or get_origin(info.annotation) is not Literal:
        return ""
    return str(get_args(info.annotation)[0])


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "required"
    match info.get_default(call_default_factory=True):
        case bool(value):
            return str(value).lower()
        case int(value) | float(value):
            return f"{value:g}"
        case list(value) | tuple(value):
            return ", ".join(map(str, value)) or "-"
        case None | BaseModel() | dict():
            return "-"
        case value:
            return "-" if str(value) in ("", ".") else str(value)


def _title(heading: Heading) -> str:
    return ", ".join(f"`{each}`" for each in sorted(heading)) or "at the top"


def _plain(place: str) -> str:
    return place.replace("[]", "")
