"""Log lines: JSON for machines, short lines for people, and a last net against patient identities.

No code of ours logs a patient's number or a message's text. The net is for what nobody thought of:
an error of a library that quotes its input. Source: threats T13 and T14.
"""

import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, cast

import structlog

from watchdog.orders.identity import luhn_holds

MOST = 512
"""Characters of one value; an exception's text may have more."""
MOST_EXCEPTION = 8000
IN_PLACE = "[identity removed]"
TOO_DEEP = "[nested too deeply]"
DEEPEST = 6
NUMBER = re.compile(r"(?<!\d)(?:(?:18|19|20)\d{2}|\d{2})(\d{2})(\d{2})[-+ ]?\d{4}(?!\d)")
"""Six or eight digits of a date and four more, as in personnummer and samordningsnummer."""
MOST_MONTH, MOST_DAY, COORDINATION = 12, 31, 60
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


def without_identities(text: str) -> str:
    """The text with every number in it removed that may be a person's."""
    return NUMBER.sub(lambda found: IN_PLACE if _is_persons(found) else found[0], text)


def _is_persons(found: re.Match[str]) -> bool:
    month, day = int(found[1]), int(found[2])
    digits = re.sub(r"\D", "", found[0])
    real_day = day - COORDINATION if day > COORDINATION else day
    return 1 <= month <= MOST_MONTH and 1 <= real_day <= MOST_DAY and luhn_holds(digits)


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
