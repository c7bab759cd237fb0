"""Copies as JSON Lines over HTTP: the same evidence as over MLLP, and nothing else gets in."""

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import httpx
import pytest

from watchdog.clock import SystemClock
from watchdog.model.observation import Ev, Event
from watchdog.probes.tap import Tap, TapPort, TapSettings
from watchdog.probes.tap_lines import MOST_BYTES, MOST_LINES

LOOPBACK, ELSEWHERE = "127.0.0.0/8", "192.0.2.0/24"


@dataclass
class Tapped:
    tap: Tap
    http: httpx.AsyncClient
    urls: dict[str, str] = field(default_factory=dict)
    seen: list[Event] = field(default_factory=list)

    async def post(self, side: str, *lines: object) -> httpx.Response:
        body = "\n".join(json.dumps(line) for line in lines)
        return await self.http.post(self.urls[side], content=body)


async def _start(settings: TapSettings) -> Tapped:
    seen: list[Event] = []

    async def take(event: Event) -> None:
        seen.append(event)

    tap = Tap(settings, secret=b"secret", seen=take, clock=SystemClock())
    ports = await tap.start()
    urls = {side: f"http://127.0.0.1:{port}/" for side, port in ports.items()}
    return Tapped(tap, httpx.AsyncClient(trust_env=False), urls, seen)


@pytest.fixture
async def tapped() -> AsyncGenerator[Tapped]:
    port = TapPort(speaks="jsonl", port=0, peers=[LOOPBACK])
    found = await _start(TapSettings(sent=port, arrived=port))
    yield found
    await found.http.aclose()
    await found.tap.close()


async def test_referrals_are_matched_over_http(tapped: Tapped) -> None:
    sent = await tapped.post(
        "sent", {"placer": "R1", "sender": "VAS/KLIN1"}, {"placer": "R2", "control": "NW"}
    )
    assert sent.json() == {"taken": 2}
    await tapped.post("arrived", {"placer": "R1"})
    assert [event.ev for event in tapped.seen] == [Ev.REAL_SENT, Ev.REAL_SENT, Ev.REAL_ARRIVED]
    assert tapped.seen[0].sender == "VAS/KLIN1"
    counts = tapped.tap.counts()
    assert (counts.sent, counts.arrived) == (2, 1)
    assert counts.oldest_missing_s is not None


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"placer": "R2", "patient": "19121212-1212"}, "it is no JSON object of placer"),
        ({"19121212-1212": 1, "placer": "R2"}, "it is no JSON object of placer"),
        ({"sender": "VAS"}, "`placer` is missing or not as it should be"),
        ({"placer": 7}, "`placer` is missing or not as it should be"),
        ([], "it is no JSON object of placer"),
    ],
)
async def test_a_line_with_anything_else_is_refused_unquoted_and_nothing_is_taken(
    tapped: Tapped, line: object, fault: str
) -> None:
    answer = await tapped.post("sent", {"placer": "R1"}, line)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(f"Line 2: {fault}")
    assert "1212" not in answer.text
    assert tapped.seen == []


async def test_too_much_at_once_is_refused(tapped: Tapped) -> None:
    many = await tapped.post("sent", *({"placer": f"R{n}"} for n in range(MOST_LINES + 1)))
    large = await tapped.http.post(tapped.urls["sent"], content=b" " * (MOST_BYTES + 1))
    assert (many.status_code, large.status_code) == (413, 413)
    assert tapped.seen == []


async def test_a_stranger_may_not_send_copies() -> None:
    found = await _start(TapSettings(arrived=TapPort(speaks="jsonl", port=0, peers=[ELSEWHERE])))
    try:
        assert (await found.post("arrived", {"placer": "R1"})).status_code == 403
        assert found.seen == []
    finally:
        await found.http.aclose()
        await found.tap.close()


async def test_where_only_arrivals_are_seen_each_counts_once() -> None:
    found = await _start(TapSettings(arrived=TapPort(speaks="jsonl", port=0, peers=[LOOPBACK])))
    try:
        assert list(found.urls) == ["arrived"]
        await found.post("arrived", {"placer": "R1"}, {"placer": "R2"}, {"placer": "R1"})
        assert [event.ev for event in found.seen] == [Ev.REAL_ARRIVED] * 2
        counts = found.tap.counts()
        assert (counts.sent, counts.arrived, counts.oldest_missing_s) == (None, 2, None)
    finally:
        await found.http.aclose()
        await found.tap.close()
