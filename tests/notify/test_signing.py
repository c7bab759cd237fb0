"""Signatures that receivers can check: shared secret, key pair, and both while a secret is changed."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from watchdog.errors import DeliveryError
from watchdog.notify.signing import new_pair, signatures

BODY = '{"a":"å"}'
OLD, NEW = "whsec_" + base64.b64encode(b"o" * 24).decode(), "whsec_" + "bmV3" * 8


def signed(
    tmp_path: Path, *secrets: str, now: datetime | None = None
) -> tuple[dict[str, str], datetime]:
    file = tmp_path / "secret"
    file.write_text("\n".join(secrets) + "\n", "utf-8")
    now = now or datetime.now(UTC)
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


Forged = tuple[dict[str, str], str]
"""Headers and body, as a stranger on the way sends them on."""


def changed(headers: dict[str, str], **to: str) -> dict[str, str]:
    return {**headers, **{name.replace("_", "-"): value for name, value in to.items()}}


FORGERIES: dict[str, Callable[[dict[str, str]], Forged]] = {
    "another body": lambda h: (h, BODY.replace("å", "ä")),
    "a space more": lambda h: (h, BODY + " "),
    "half the body": lambda h: (h, BODY[:5]),
    "another id": lambda h: (changed(h, webhook_id="msg_2"), BODY),
    "a later time": lambda h: (
        changed(h, webhook_timestamp=str(int(h["webhook-timestamp"]) + 1)),
        BODY,
    ),
    "no time": lambda h: (changed(h, webhook_timestamp=""), BODY),
    "no signature": lambda h: (changed(h, webhook_signature=""), BODY),
    "half a signature": lambda h: (
        changed(h, webhook_signature=h["webhook-signature"][:23]),
        BODY,
    ),
    "a scheme that is none": lambda h: (
        changed(h, webhook_signature=h["webhook-signature"].replace("v1,", "v0,")),
        BODY,
    ),
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
def test_whatever_is_changed_on_the_way_is_found_by_the_reference_library(
    tmp_path: Path, forged: Callable[[dict[str, str]], Forged]
) -> None:
    headers, body = forged(signed(tmp_path, NEW)[0])
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body, headers)


def test_another_secret_checks_nothing(tmp_path: Path) -> None:
    headers, _ = signed(tmp_path, NEW)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(BODY, headers)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_more_than_five_minutes_away_is_a_replay(
    tmp_path: Path, minutes: int
) -> None:
    then = datetime.now(UTC) + timedelta(minutes=minutes)
    headers, _ = signed(tmp_path, NEW, now=then)
    with pytest.raises(WebhookVerificationError, match="timestamp"):
        Webhook(NEW).verify(BODY, headers)


@pytest.mark.parametrize(
    "secrets", [[""], ["whsec_!"], ["whsk_AAAA"], [NEW, OLD, NEW]], ids=["no", "bad", "short", "3"]
)
def test_a_secret_that_cannot_be_used_says_so_and_not_what_it_is(
    tmp_path: Path, secrets: list[str]
) -> None:
    with pytest.raises(DeliveryError, match="tib") as caught:
        signed(tmp_path, *secrets)
    assert all(secret not in str(caught.value) for secret in secrets if secret)
