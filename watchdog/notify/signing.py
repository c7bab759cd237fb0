"""Signatures of a notice, as Standard Webhooks 1.0.0 has them: `v1` by shared secret, `v1a` by key pair.

A secret file holds one secret a line, the newest first. Two lines are a rotation: every notice carries
both signatures until the receiver has changed over and the older line is taken out.
"""

import base64
import binascii
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from standardwebhooks.webhooks import Webhook

from watchdog.errors import DeliveryError

SHARED, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
SEED_BYTES = 32
MOST_SECRETS = 2
LEAST_BYTES = 24
"""Of a shared secret (Standard Webhooks, "Signature scheme")."""


def signatures(file: Path, ident: str, now: datetime, body: str, *, endpoint: str) -> str:
    """The value of `webhook-signature`. DeliveryError if the file cannot be used."""
    try:
        secrets = file.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise DeliveryError(f"the secret file of {endpoint} cannot be read") from None
    if not 1 <= len(secrets) <= MOST_SECRETS:
        raise DeliveryError(f"the secret file of {endpoint} holds no secret, or more than two")
    try:
        return " ".join(_signature(secret, ident, now, body) for secret in secrets)
    except (ValueError, binascii.Error):
        raise DeliveryError(f"a secret of {endpoint} is damaged") from None


def _signature(secret: str, ident: str, now: datetime, body: str) -> str:
    if not secret.startswith(PRIVATE):
        # the library takes what is no base64 for a shorter secret, down to none at all
        if len(base64.b64decode(secret.removeprefix(SHARED), validate=True)) < LEAST_BYTES:
            raise ValueError("a secret holds at least 24 bytes")
        return Webhook(secret).sign(ident, now, body)
    signed = private_key(secret).sign(f"{ident}.{int(now.timestamp())}.{body}".encode())
    return f"v1a,{base64.b64encode(signed).decode()}"


def private_key(secret: str) -> Ed25519PrivateKey:
    """The key of a `whsk_` secret: the base64 of its seed, or of seed and public key."""
    data = base64.b64decode(secret.removeprefix(PRIVATE), validate=True)
    return Ed25519PrivateKey.from_private_bytes(data[:SEED_BYTES])


def new_pair() -> tuple[str, str]:
    """(`whsk_…` for our secret file, `whpk_…` for the receiver)."""
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    secret = base64.b64encode(key.private_bytes_raw() + public).decode()
    return PRIVATE + secret, PUBLIC + base64.b64encode(public).decode()
