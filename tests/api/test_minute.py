"""Status documents stay prebuilt, and change within a second of a contact's closing minute."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from api.prebuilt import Prebuilt
from tests.support.incidents import an_outage
from watchdog.cli.check import write_sample
from watchdog.cli.sample import Sample
from watchdog.clock import ManualClock
from watchdog.config.load import load
from watchdog.detection.effective import Snapshot
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Phase, Reason
from watchdog.service.board import Board
from watchdog.service.views import PathView


def outage(folder: Path, at: str) -> tuple[Board, ManualClock]:
    """SÄS in a declared outage at a Swedish wall clock time."""
    write_sample(folder / "remissvakt.yaml", Sample())
    config, routines = load(folder / "remissvakt.yaml", test_environment=True)
    clock = ManualClock(datetime.fromisoformat(at).replace(tzinfo=STOCKHOLM))
    board, now, path = Board(config, routines, clock), clock.now(), config.paths["sas_om_ris"]
    incident = an_outage(now, path=path.id, scenario=path.scenario, advised_at=now)
    board.publish(
        PathView(
            config=path,
            snapshot=Snapshot(
                phase=Phase.DECLARED,
                reason=Reason.NOT_ARRIVING,
                evaluated_mono=0.0,
                life_mono=0.0,
                evaluation_limit_s=15,
                evidence_limit_s=90,
                valid_for_s=45,
            ),
            since=now,
            evaluated_at=now,
            last_good_at=now,
            last_arrival_at=now,
            incident=incident,
            recent=(),
            open_orders=0,
            sending="on",
            p99_s=8.0,
        )
    )
    return board, clock


def told(prebuilt: Prebuilt) -> dict[str, Any]:
    return json.loads(prebuilt.clinic("skene_ward").document.body)


async def test_the_fax_that_closes_at_half_past_three_is_gone_within_a_second(
    tmp_path: Path,
) -> None:
    board, clock = outage(tmp_path, "2026-06-18T15:29:59.500")
    prebuilt = Prebuilt(board)
    before, revision = told(prebuilt), board.revision
    assert before["instruction"]["urgent"]["fax"][0]["number"] == "0320- 77 90 71"
    assert before["changes_at"] == "2026-06-18T13:30:00Z"
    await clock.advance(0.4)
    assert board.refresh() is False
    await clock.advance(0.6)  # 15:30:00.5
    assert board.refresh() is True
    assert board.revision == revision + 1
    after = told(prebuilt)
    assert after["instruction"]["urgent"]["fax"][0]["number"] == "033-616 19 57"
    assert after["instruction"]["urgent"]["steps"][0]["text"]["sv"].startswith("Faxen hos")
    assert after["revision"] > before["revision"]


async def test_a_contact_that_opens_is_told_too(tmp_path: Path) -> None:
    board, clock = outage(tmp_path, "2026-06-18T01:59:59.900")
    prebuilt = Prebuilt(board)
    assert told(prebuilt)["instruction"]["urgent"]["phones"][0]["number"] == "033-616 12 10"
    await clock.advance(0.3)
    assert board.refresh() is True
    assert told(prebuilt)["instruction"]["urgent"]["phones"][0]["number"] == "033-616 12 29"


async def test_the_banner_tells_sixty_days_ahead_that_the_routine_expires(tmp_path: Path) -> None:
    board, clock = outage(tmp_path, "2027-07-20T23:59:59.900")
    assert told(Prebuilt(board))["routine"]["banner"] is None
    await clock.advance(0.3)
    assert board.refresh() is True
    banner = told(Prebuilt(board))["routine"]["banner"]
    assert banner["en"] == "The routine's validity ends 2027-09-18. Ask its owner to renew it."
