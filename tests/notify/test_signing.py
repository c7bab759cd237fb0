"""Signatures that receivers can check: shared secret, key pair, and both while a secret is changed."""

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook

from watchdog.errors import DeliveryError
from watchdog.notify.signing import new_pair, signatures

BODY = '{"a":"å"}'
OLD, NEW = "whsec_" + base64.b64encode(b"o" * 24).decode(), "whsec_" + "bmV3" * 8


def signed(tmp_path: Path, *secrets: str) -> tuple[dict[str, str], datetime]:
    file = tmp_path / "secret"
    file.write_text("\n".join(secrets) + "\n", "utf-8")
    now = datetime.now(UTC)
    value = signatures(file, "msg_1", now, BODY, endpoint="tib")
    stamp = str(int(now.timestamp()))
    return (
        {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": value},
        now,
    )


def test_a_shared_secret_is_checked_by_the_reference_library(tmp_path: Path) -> None:
    headers, _ = signed(tmp_path, NEW)
    assert Webhook(NEW).verify(BODY, headers) == {"a": "å"}


def test_while_a_secret_is_changed_both_are_good(tmp_path: Path) -> None:
    headers, _ = signed(tmp_path, NEW, OLD)
    assert Webhook(NEW).verify(BODY, headers)
    assert Webhook(OLD).verify(BODY, headers)


def test_a_key_pair_is_checked_with_its_public_half_alone(tmp_path: Path) -> None:
    private, public = new_pair()
    headers, now = signed(tmp_path, private)
    version, _, value = headers["webhook-signature"].partition(",")
    assert version == "v1a"
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    text = f"msg_1.{int(now.timestamp())}.{BODY}"
    key.verify(base64.b64decode(value), text.encode())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(value), text.replace("a", "b").encode())


@pytest.mark.parametrize(
    "secrets", [[""], ["whsec_!"], ["whsk_AAAA"], [NEW, OLD, NEW]], ids=["no", "bad", "short", "3"]
)
def test_a_secret_that_cannot_be_used_says_so_and_not_what_it_is(
    tmp_path: Path, secrets: list[str]
) -> None:
    with pytest.raises(DeliveryError, match="tib") as caught:
        signed(tmp_path, *secrets)
    assert all(secret not in str(caught.value) for secret in secrets if secret)
