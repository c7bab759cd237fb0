"""Numbers are recorded before paper exists, and the pack says what was issued."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchdog.cli.main import built
from watchdog.clock import SystemClock
from watchdog.forms.serial import is_valid
from watchdog.service.serials import Serials
from watchdog.storage import serials
from watchdog.storage.engine import Database
from watchdog.storage.migrate import upgrade


async def test_two_processes_never_give_the_same_number(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/db.sqlite"
    first, second = Database(url, SystemClock()), Database(url, SystemClock())
    await upgrade(first)
    issuers = [Serials(first, SystemClock()), Serials(second, SystemClock())]
    packs = await asyncio.gather(*(issuers[n % 2].issue("a", 5, "test") for n in range(12)))
    numbers = [number for pack, recorded in packs for number in pack if recorded]
    assert len(set(numbers)) == 60
    assert all(map(is_valid, numbers))
    assert sum(found.count for found in await serials.listed(first, "a")) == 60
    await first.close()
    await second.close()


async def test_without_a_database_paper_still_comes_and_says_so(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/db.sqlite", SystemClock())  # no tables
    issuer = Serials(database, SystemClock())
    numbers, recorded = await issuer.issue("a", 3, "test")
    more, _ = await issuer.issue("a", 3, "test")
    assert recorded is False
    assert len({*numbers, *more}) == 6
    await database.close()


def test_a_pack_is_written_checked_and_found_out_when_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMISSVAKT_TEST_ENVIRONMENT", "1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("REMISSVAKT_HOME", str(tmp_path))
    run, app = CliRunner().invoke, built(["check", "pack"])
    assert run(app, ["init"]).exit_code == 0
    made = run(app, ["pack", "--site", "halland", "--out", "pack", "--copies", "2"])
    assert made.exit_code == 0, made.output
    manifest = json.loads((tmp_path / "pack" / "pack.json").read_text("utf-8"))
    assert set(manifest["files"]) == {
        "halmstad_emergency-wall_card.pdf",
        "halmstad_emergency-exam_record_form.pdf",
        "halmstad_emergency-report_template.pdf",
    }
    assert manifest["recorded"] is True
    assert run(app, ["pack-check", "pack"]).exit_code == 0
    assert run(app, ["serial", manifest["serials"][0]["first"]]).exit_code == 0
    (tmp_path / "pack" / "halmstad_emergency-wall_card.pdf").write_bytes(b"%PDF-")
    assert run(app, ["pack-check", "pack"]).exit_code == 3
    assert run(app, ["pack", "--site", "nowhere", "--out", "pack"]).exit_code == 3
