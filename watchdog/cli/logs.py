"""Log lines: JSON for machines, short lines for people, and a last net against patient identities.

No code of ours logs a patient's number or a message's text. The net is for what nobody thought of:
an error of a library that quotes its input. Source: threats T13 and T14.
"""

import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, cast

import structlog

from watchdog.orders.identity import IN_PLACE, without_identities

MOST = 512
"""Characters of one value; an exception's text may have more."""
MOST_EXCEPTION = 8000
TOO_DEEP = "[nested too deeply]"
DEEPEST = 6
INFO = 20
Line = MutableMapping[str, Any]


def to_stderr(*, as_json: bool) -> None:
    """One line per event from here on, never a message's text."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=True)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            last_net,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def last_net(_logger: Any, _method: str, line: Line) -> Line:
    """The line without identity numbers and control characters, each value cut to its length."""
    for name, value in line.items():
        most = MOST_EXCEPTION if name == "exception" else MOST
        line[name] = _clean(value, lambda text, most=most: _plain(text, most), 0)
    return line


def _clean(value: Any, plain: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str):
        return plain(value)
    if depth >= DEEPEST:
        return TOO_DEEP
    if isinstance(value, Mapping):
        known = cast("Mapping[Any, Any]", value)
        return {plain(str(k)): _clean(v, plain, depth + 1) for k, v in known.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each, plain, depth + 1) for each in list(cast("list[Any]", value))]
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if without_identities(str(value)) == str(value) else IN_PLACE
    return plain(str(value))


def _plain(text: str, most: int) -> str:
    """Printable, but for the line breaks of an exception, which JSON escapes."""
    shown = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text[: 2 * most])
    return without_identities(shown)[:most]
