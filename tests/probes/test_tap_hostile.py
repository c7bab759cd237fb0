"""A copy whose fields are filled wrongly is acknowledged, and says nothing of itself in our log."""

import asyncio

import pytest
import structlog

from tests.faults.canary import Canary, Finder, canaries
from tests.faults.planting import message
from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient, Sent
from watchdog.model.observation import Event
from watchdog.probes.tap import Tap, TapPort, TapSettings

WHO = canaries(1, 1)[0]
HIDDEN = f"{WHO.family} {WHO.number} " * 4


async def sent(payload: bytes) -> tuple[Sent, str]:
    """(what the engine that copied it sees, our log)."""

    async def take(_: Event) -> None:
        return None

    port = TapPort(port=0, peers=["127.0.0.0/8"])
    tap = Tap(TapSettings(arrived=port), secret=b"k", seen=take, clock=SystemClock())
    ports = await tap.start()
    with structlog.testing.capture_logs([structlog.processors.format_exc_info]) as log:
        client = MllpClient("127.0.0.1", ports["arrived"], clock=SystemClock(), ack_timeout_s=1)
        result = await client.send(payload, "M1")
        await client.close()
        await asyncio.sleep(0)
    await tap.close()
    return result.outcome, repr(log)


def damaged(kind: str, who: Canary) -> bytes:
    match kind:
        case "placer number":
            return message(who, HIDDEN, "NW")
        case "control code":
            return message(who, "R4711", HIDDEN[:23])
        case _:
            return message(who, "R4711", "NW").replace(b"RIS|SAS", HIDDEN.encode() + b"|SAS", 1)


async def test_a_copy_as_it_should_be_is_acknowledged() -> None:
    outcome, log = await sent(message(WHO, "R4711", "NW").replace(b"|MR4711|", b"|M1|"))
    assert outcome is Sent.ACCEPTED
    assert log == "[]"


@pytest.mark.parametrize("kind", ["placer number", "control code", "sender"])
async def test_a_field_that_is_too_long_stays_out_of_the_log(kind: str) -> None:
    _, log = await sent(damaged(kind, WHO))
    assert not Finder([WHO]).inside(log.encode())


async def test_a_copy_with_a_long_placer_number_does_not_hold_up_those_behind_it() -> None:
    payload = message(WHO, "R" * 90, "NW").replace(b"|MRRRRRRRRR|", b"|M1|")
    assert (await sent(payload))[0] is Sent.ACCEPTED
