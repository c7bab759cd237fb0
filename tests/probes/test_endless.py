"""A query whose answers never end holds up neither the next look nor the end of the service."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from itertools import repeat
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import evt
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,
    StudyRootQueryRetrieveInformationModelFind,
)

from watchdog.model.system import Outcome
from watchdog.probes.association import Endless, limited
from watchdog.probes.base import CannotLook, Wanted
from watchdog.probes.dicom_find import DicomFindProbe, DicomFindSettings
from watchdog.probes.worklist import WorklistReader, WorklistReaderSettings
from watchdog.simulator.dicom import DicomServer

PENDING, SUCCESS = 0xFF00, 0x0000
WANTED = [Wanted(placer="WDABCDEFGHIJ12345678", filler="", control_id="C1")]


class Looping:
    """An application entity that gives one row after the other until it is told to stop."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.given = 0
        self.server = DicomServer(
            "LOOPING",
            [ModalityWorklistInformationFind, StudyRootQueryRetrieveInformationModelFind],
            [(evt.EVT_C_FIND, self._find)],
        )
        self.server.open()

    def _find(self, _: Any) -> Iterator[tuple[int, Dataset | None]]:
        row = Dataset()
        row.PatientID = "189001019802"
        while not self.stopped.is_set():
            self.given += 1
            yield PENDING, row
            time.sleep(0.005)
        yield SUCCESS, None

    def worklist(self, timeout_s: float) -> WorklistReader:
        return WorklistReader(
            WorklistReaderSettings(
                kind="worklist",
                host="127.0.0.1",
                port=self.server.port,
                called_ae="LOOPING",
                patient_id="189001019802",
                timeout_s=timeout_s,
            )
        )

    def archive(self, timeout_s: float) -> DicomFindProbe:
        return DicomFindProbe(
            DicomFindSettings(
                kind="dicom_find",
                host="127.0.0.1",
                port=self.server.port,
                called_ae="LOOPING",
                study_uid="1.2.3",
                timeout_s=timeout_s,
            )
        )

    async def gives(self, more: int) -> None:
        """Wait until it has given so many rows more."""
        until = self.given + more
        while self.given < until:
            await asyncio.sleep(0.01)


@pytest.fixture
async def looping() -> AsyncIterator[Looping]:
    made = Looping()
    yield made
    made.stopped.set()
    await made.server.shut()


async def none_left(name: str) -> None:
    """Wait until no thread of that name runs."""
    while any(name in thread.name for thread in threading.enumerate()):
        await asyncio.sleep(0.01)


async def test_a_worklist_without_end_cannot_be_looked_at_and_can_when_it_has_one(
    looping: Looping,
) -> None:
    reader = looping.worklist(timeout_s=0.5)
    async with asyncio.timeout(10):
        with pytest.raises(CannotLook, match=r"had not ended after 1 s"):
            await reader.look(WANTED)
        looping.stopped.set()
        assert await reader.look(WANTED) == []
        await reader.close()
        await none_left("worklist")


async def test_an_archive_without_end_is_rejected(looping: Looping) -> None:
    probe = looping.archive(timeout_s=0.5)
    async with asyncio.timeout(10):
        seen = await probe.look()
        assert seen.outcome is Outcome.REJECTED
        assert "had not ended after 0.5 s" in seen.detail
        await probe.close()
        await none_left("dicom")


async def test_a_worklist_without_end_does_not_hold_up_the_end_of_the_service(
    looping: Looping,
) -> None:
    reader = looping.worklist(timeout_s=30)
    look = asyncio.create_task(reader.look(WANTED))
    async with asyncio.timeout(10):
        await looping.gives(5)
        await reader.close()
        with pytest.raises(CannotLook):
            await look
        await none_left("worklist")


async def test_an_archive_without_end_does_not_hold_up_the_end_of_the_service(
    looping: Looping,
) -> None:
    probe = looping.archive(timeout_s=30)
    look = asyncio.create_task(probe.look())
    async with asyncio.timeout(10):
        await looping.gives(5)
        await probe.close()
        await look
        await none_left("dicom")


def test_more_answers_than_can_be_are_no_answer() -> None:
    assert len(list(limited([(PENDING, None)] * 10, 60, 10))) == 10
    with pytest.raises(Endless, match="more than 10 answers"):
        list(limited(repeat((PENDING, None)), 60, 10))
