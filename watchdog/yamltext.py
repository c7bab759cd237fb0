"""Reading YAML that people wrote, safely: bounded, without aliases, every value with its line.

Threat T20: at most 256 KiB and 20 levels; anchors and aliases are refused before anything is built.
"""

from typing import Any, TypeVar

import yaml as pyyaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from watchdog.errors import ConfigError, Problem

MOST_BYTES = 256 * 1024
MOST_DEPTH = 20
Key = str | int
M = TypeVar("M", bound=BaseModel)
Lines = dict[tuple[Key, ...], int]
yaml: Any = pyyaml
"""PyYAML carries no types."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str, file: str) -> tuple[Any, Lines]:
    """The data in `text`, and the line of every key and item. ConfigError with file:line if not."""
    if len(text.encode()) > MOST_BYTES:
        raise _error(file, 1, "the file is larger than 256 KiB")
    try:
        _guard(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _error(file, line, f"this is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise _error(file, 1, f"this is not YAML: {str(error).splitlines()[0]}") from None
    if node is None:
        raise _error(file, 1, "the file is empty")
    lines: Lines = {(): node.start_mark.line + 1}
    return _build(node, (), lines, file), lines


def parse(model: type[M], data: Any, lines: Lines, file: str) -> M:
    """`data` as `model`. ConfigError with every problem, each with file, line and what is allowed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError([_problem(details, lines, file) for details in error.errors()]) from None


def line_of(path: tuple[Key, ...], lines: Lines) -> int:
    """The line of the nearest thing that stands in the file."""
    while path not in lines and path:
        path = path[:-1]
    return lines.get(path, 1)


def _guard(text: str, file: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _error(file, line, "anchors and aliases are not allowed; write it out")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise _error(file, line, f"nested deeper than {MOST_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _build(node: Any, path: tuple[Key, ...], lines: Lines, file: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in out:
                raise _error(file, key_node.start_mark.line + 1, f"{key!r} stands twice")
            lines[(*path, key)] = key_node.start_mark.line + 1
            out[key] = _build(value, (*path, key), lines, file)
        return out
    if isinstance(node, yaml.SequenceNode):
        items: list[Any] = []
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            items.append(_build(item, (*path, index), lines, file))
        return items
    return _scalar(node)


def _scalar(node: Any) -> Any:
    match node.tag.rsplit(":", 1)[-1]:
        case "bool":
            return node.value.lower() in ("true", "yes", "on")
        case "null":
            return None
        case "int" if node.value.lstrip("+-").isdigit() and not node.value.startswith("0"):
            return int(node.value)
        case "float":
            try:
                return float(node.value)
            except ValueError:
                return node.value
        case _:
            # numbers with a leading zero, dates and everything else stay as they were written
            return 0 if node.value == "0" and node.tag.endswith("int") else node.value


def _problem(details: ErrorDetails, lines: Lines, file: str) -> Problem:
    # unions put the tried type's name into the location; what does not stand in the file is left out
    path: tuple[Key, ...] = ()
    for key in details["loc"]:
        if (*path, key) in lines or (key == details["loc"][-1] and details["type"] in ("missing",)):
            path = (*path, key)
    where = ".".join(map(str, path)) or "the file"
    return Problem(file, line_of(path, lines), f"{where}: {_said(details)}")


def _said(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    value = details["input"]
    shown = repr(value) if isinstance(value, str | int | float | bool) else "this"
    match details["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return "is not known here"
        case "literal_error" | "enum":
            return f"{shown} is not one of {str(context['expected']).replace(' or ', ', ')}"
        case "value_error":
            return str(context["error"])
        case _:
            text = details["msg"]
            return f"{shown}: {text[0].lower()}{text[1:]}"


def _error(file: str, line: int, message: str) -> ConfigError:
    return ConfigError([Problem(file, line, message)])
