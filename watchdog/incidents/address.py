"""The page on which a person acknowledges: an address that nobody can guess, and that a GET only shows.

The code is a keyed hash of incident and endpoint, so that every node and a restart agree on it and
nothing is stored. It admits to one thing: typing a name under one incident for one endpoint.
"""

import base64
import hashlib
import hmac

CODE_BYTES = 16


def code(key: bytes, incident: str, endpoint: str) -> str:
    """128 bits as 22 letters, digits, `-` and `_`."""
    digest = hmac.digest(key, f"acknowledge|{incident}|{endpoint}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:CODE_BYTES]).decode().rstrip("=")


def is_code(key: bytes, incident: str, endpoint: str, given: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(code(key, incident, endpoint).encode(), given.encode())


def address(public_url: str, key: bytes, incident: str, endpoint: str) -> str:
    """Where the person behind `endpoint` acknowledges `incident`."""
    return f"{public_url}/acknowledge/{incident}/{endpoint}/{code(key, incident, endpoint)}"
