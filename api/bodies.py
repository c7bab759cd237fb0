"""Reading a JSON body that a stranger sent: bounded, shallow, no NaN, no control characters."""

import json
import unicodedata
from typing import Any, Never, TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from pydantic import BaseModel, ValidationError

from api import deps
from api.auth import signed_in
from watchdog.errors import RemissvaktError

MOST_BYTES = 64 * 1024
MOST_DEPTH, MOST_FIELDS = 16, 8
FIRST_PRINTABLE = 0x20
M = TypeVar("M", bound=BaseModel)


class TooLarge(RemissvaktError):
    """The body is larger than 64 KiB."""

    code, status = "too_large", 413


class BadBody(RemissvaktError):
    """The body is not the JSON that is wanted."""

    code, status = "bad_body", 422


async def read(request: Request, model: type[M]) -> M:
    """The body as `model`. TooLarge or BadBody, which never repeat what was sent.

    NotSignedIn before anything of it is read: a stranger who sends half a body would otherwise keep
    a place among the few that may write at once.
    """
    _mind_length(request)
    await signed_in(request, deps.runtime(request))
    value = parse(await data_of(request))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        places = sorted({f"{_place(e)}: {e['type']}" for e in error.errors()})
        raise BadBody(f"The body does not fit: {'; '.join(places)[:400]}") from None


def _place(error: Any) -> str:
    """Where it is wrong; a field that we do not know is not named, for its name was sent."""
    known = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return ".".join(map(str, known)) or "body"


async def fields(request: Request, *names: str) -> tuple[str, ...]:
    """These fields of a form's body. TooLarge or BadBody; empty if one is not there."""
    data = await data_of(request)
    try:
        found = parse_qs(data.decode("ascii"), max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise BadBody("The body is not a form in UTF-8.") from None
    return tuple(clean(found.get(name, [""])[0]).strip() for name in names)


async def data_of(request: Request) -> bytes:
    """The body's bytes. TooLarge above 64 KiB."""
    _mind_length(request)
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > MOST_BYTES:
            raise TooLarge("A body may hold at most 64 KiB.")
    return data


def _mind_length(request: Request) -> None:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > MOST_BYTES:
        raise TooLarge("A body may hold at most 64 KiB.")


def parse(data: bytes) -> Any:
    """JSON without NaN, deep nesting, NUL, lone surrogates or control characters; text in NFC."""
    if _depth(data) > MOST_DEPTH:
        raise BadBody(f"The body is nested deeper than {MOST_DEPTH} levels.")
    try:
        value = json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadBody("The body is not JSON in UTF-8.") from None
    return _clean(value)


def _no_constant(_: str) -> Never:
    raise ValueError("NaN and infinities are not JSON")


def _depth(data: bytes) -> int:
    """An upper bound of the nesting, found without parsing; brackets in strings count too."""
    depth = deepest = 0
    for byte in data:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def clean(value: str) -> str:
    """The text in NFC. BadBody if it holds a control character or a lone surrogate."""
    if any(ord(c) < FIRST_PRINTABLE or unicodedata.category(c) in ("Cs", "Cc") for c in value):
        raise BadBody("A text holds a control character.")
    return unicodedata.normalize("NFC", value)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {_clean(k): _clean(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value
