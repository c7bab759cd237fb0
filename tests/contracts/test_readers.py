"""One suite for every polling reader, against the simulated RIS: absent, arrived, cancelled, blind."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import event

from watchdog.clock import SystemClock
from watchdog.hl7.order import SHORT_TEXT, canary_damaged
from watchdog.probes import registry
from watchdog.probes.base import ArrivalReader, CannotLook, Wanted
from watchdog.probes.fhir import FhirReaderSettings
from watchdog.probes.http import HttpReaderSettings
from watchdog.probes.sql import SqlReaderSettings
from watchdog.probes.worklist import WorklistReaderSettings
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.hospital import Hospital
from watchdog.simulator.ris import Record

PLACER = "WDABCDEFGHIJ12345678"
WANTED = [
    Wanted(placer=PLACER, filler="", control_id="C1"),
    Wanted(placer="WDZZZZZZZZZZ00000000", filler="", control_id="C2"),
]
KINDS = ("worklist", "sql", "http", "fhir")


@pytest.fixture
async def hospital(tmp_path: Path) -> AsyncIterator[Hospital]:
    made = Hospital(tmp_path, SystemClock(), lanes=("om",))
    await made.start()
    yield made
    await made.close()


def reader(kind: str, hospital: Hospital) -> ArrivalReader:
    web = f"http://127.0.0.1:{hospital.http_port}/ris/om"
    lane = hospital.lanes["om"]
    settings = {
        "worklist": lambda: WorklistReaderSettings(
            kind="worklist",
            host="127.0.0.1",
            port=lane.worklist.port,
            called_ae="RISWL",
            patient_id="189001019802",
        ),
        "sql": lambda: SqlReaderSettings(
            kind="sql",
            url=f"sqlite:///{lane.ris.database}",
            select="SELECT placer, filler, status, text FROM orders WHERE placer IN :placers",
        ),
        "http": lambda: HttpReaderSettings(
            kind="http",
            url=f"{web}/orders/{{placer}}",
            text_pointer="/text",
            cancelled_pointer="/cancelled",
        ),
        "fhir": lambda: FhirReaderSettings(kind="fhir", base_url=f"{web}/fhir"),
    }[kind]()
    made = registry.make(settings)
    assert made is not None
    return made


def put(hospital: Hospital) -> Record:
    ris = hospital.lanes["om"].ris
    record = Record(PLACER, "C1", "OM0000001", "189001019802", SHORT_TEXT)
    ris.orders[PLACER] = record
    ris._db.execute("INSERT INTO orders VALUES (?, ?, 'SC', ?)", (PLACER, "OM0000001", SHORT_TEXT))
    return record


@pytest.mark.parametrize("kind", KINDS)
async def test_an_order_is_absent_then_seen_then_cancelled(kind: str, hospital: Hospital) -> None:
    looking = reader(kind, hospital)
    assert await looking.look(WANTED) == []
    record = put(hospital)
    (seen,) = await looking.look(WANTED)
    assert (seen.placer, seen.cancelled, seen.level.value) == (PLACER, False, "E6")
    assert canary_damaged(seen.text) is False
    assert "ÅÄÖ åäö" in seen.text
    record.cancelled = True
    hospital.lanes["om"].ris._db.execute("UPDATE orders SET status = 'CA'")
    after = await looking.look(WANTED)
    assert after == [] or after[0].cancelled  # gone from the list, or shown as cancelled
    await looking.close()


@pytest.mark.parametrize("kind", ["worklist", "http", "fhir"])
async def test_a_reader_that_gets_no_answer_cannot_look(kind: str, hospital: Hospital) -> None:
    looking = reader(kind, hospital)
    put(hospital)
    await hospital.inject("om", Fault(kind=FaultKind.WORKLIST_DOWN))
    with pytest.raises(CannotLook):
        await looking.look(WANTED)
    await hospital.inject("om", Fault())
    assert len(await looking.look(WANTED)) == 1
    await looking.close()


async def test_a_fhir_server_that_says_not_found_cannot_look(hospital: Hospital) -> None:
    wrong = f"http://127.0.0.1:{hospital.http_port}/nowhere"
    looking = registry.make(FhirReaderSettings(kind="fhir", base_url=wrong))
    assert looking is not None
    with pytest.raises(CannotLook, match="Bundle"):
        await looking.look(WANTED)
    await looking.close()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"based-on:identifier": PLACER}, 1),
        ({"identifier": "OM0000001"}, 1),
        ({"based-on.identifier": PLACER}, 0),  # a chain, and the reference leads to no resource
        ({"identifier": PLACER}, 0),
    ],
)
async def test_the_simulated_fhir_server_tells_a_chain_from_the_identifier_of_a_reference(
    hospital: Hospital, query: dict[str, str], found: int
) -> None:
    put(hospital)
    url = f"http://127.0.0.1:{hospital.http_port}/ris/om/fhir/ServiceRequest"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url, params={**query, "_count": "200"})
        strict = {"Prefer": "handling=strict"}
        unknown = await client.get(url, params={"based-on-identifier": PLACER}, headers=strict)
    assert len(answer.json()["entry"]) == found
    assert unknown.status_code == 400


async def test_the_sql_reader_never_writes(hospital: Hospital) -> None:
    looking = reader("sql", hospital)
    await looking.look(WANTED)
    looking._statement = __import__("sqlalchemy").text("DELETE FROM orders")  # type: ignore[attr-defined]
    put(hospital)
    with pytest.raises(CannotLook):
        await looking.look(WANTED)
    await looking.close()


async def test_the_sql_reader_asks_with_few_statements_however_many_are_missing(
    hospital: Hospital,
) -> None:
    looking = reader("sql", hospital)
    asked: set[str] = set()
    engine = looking._engine.sync_engine  # type: ignore[attr-defined]
    event.listen(engine, "before_cursor_execute", lambda *call: asked.add(call[2]))
    put(hospital)
    missing = [Wanted(placer=f"WD{number:018}", filler="", control_id="C") for number in range(60)]
    for count in range(60):
        (seen,) = await looking.look([*missing[:count], WANTED[0]])
        assert seen.placer == PLACER
    assert len(asked) == 7  # 1, 2, 4 … 64 numbers
    await looking.close()
