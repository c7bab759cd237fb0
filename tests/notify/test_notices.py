"""Who is told what, when it is tried again, and where it may go."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support.world import World
from watchdog.errors import DeliveryError
from watchdog.model.site import AllowedTarget
from watchdog.notify.backoff import wait_s
from watchdog.notify.render import gsm
from watchdog.notify.webhook import WebhookSender
from watchdog.simulator.faults import FaultKind


def test_a_failed_notice_is_tried_again_soon_and_never_given_up() -> None:
    assert [wait_s(since, 0.0) for since in (0, 29, 31, 61, 599, 601, 1e6)] == [
        *(1, 1, 4, 15, 15),
        *(60, 60),
    ]
    assert wait_s(1e6, 0.99) >= 48


def test_a_receiver_that_returns_in_the_first_half_minute_is_told_within_a_second() -> None:
    tries, now = [0.0], 0.0
    while now < 31:
        now += wait_s(now, 0.5)
        tries.append(now)
    assert max(later - sooner for sooner, later in pairwise(tries) if later < 30) <= 1


def test_a_text_message_uses_its_own_alphabet() -> None:
    assert gsm("Överföring → ÅÄÖ 😀") == "Överföring - ÅÄÖ ?"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x",  # a port that is not listed
        "http://127.0.0.2:8000/x",
        "http://[::1]:8000/x",
        "http://[::ffff:127.0.0.1]:8000/x",
        "http://2130706433:8000/x",  # 127.0.0.1 as one number, inside no listed network
        "http://169.254.169.254:8000/latest",
        "http://0.0.0.0:8000/x",
        "http://nowhere.invalid:8000/x",
    ],
)
async def test_a_target_outside_the_allow_list_is_not_connected(url: str, tmp_path: Path) -> None:
    import ipaddress  # noqa: PLC0415

    from watchdog.clock import SystemClock  # noqa: PLC0415

    allowed = (AllowedTarget(network=ipaddress.ip_network("127.0.0.1/32"), ports=(8001,)),)
    sender = WebhookSender(allowed, SystemClock())
    with pytest.raises(DeliveryError):
        await sender._resolved(url)
    await sender.close()


async def test_our_own_port_is_never_a_target() -> None:
    import ipaddress  # noqa: PLC0415

    from watchdog.clock import SystemClock  # noqa: PLC0415

    allowed = (AllowedTarget(network=ipaddress.ip_network("127.0.0.0/8"), ports=(8001,)),)
    sender = WebhookSender(allowed, SystemClock(), own_ports=frozenset({8001}))
    with pytest.raises(DeliveryError, match="outside"):
        await sender._resolved("http://127.0.0.1:8001/x")
    await sender.close()


async def test_a_notice_is_complete_and_signed(tmp_path: Path) -> None:
    async with World(tmp_path) as world:
        await world.healthy()
        await world.breaks(FaultKind.SWALLOW)
        hook = await world.hooked("advice_changed", "tib_halland", 20)
        data = hook["data"]
        assert hook["verified"] is True
        assert data["state"] == "outage"
        assert data["workflow"] == {
            "very_urgent": "paper_and_fax",
            "urgent": "paper_and_fax",
            "non_urgent": "hold",
        }
        assert len(data["sms"]) <= 160
        assert "035-44 72 1 (kontrollera numret)" in data["sms"]
        assert data["suspect_window"]["from"] == data["last_good_at"]
        assert data["call"] == "IT 619 00 (1, 1, 2)"
        for name in ("ZZTEST", "189001019802"):
            assert name not in str(hook)
        assert {h["webhook_id"] for h in world.hooks("advice_changed")} == {hook["webhook_id"]}
        await asyncio.sleep(0)
