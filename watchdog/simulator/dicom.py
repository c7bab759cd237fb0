"""Stand-ins that speak DICOM: the RIS's worklist (MWL C-FIND) and the PACS (C-ECHO)."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt  # pyright: ignore[reportPrivateImportUsage]
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    SecondaryCaptureImageStorage,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    StorageCommitmentPushModel,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    StudyRootQueryRetrieveInformationModelFind,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    Verification,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
)

from watchdog.simulator.ports import free_port
from watchdog.simulator.ris import Record

PENDING, SUCCESS, OUT_OF_RESOURCES, NO_SUCH_OBJECT = 0xFF00, 0x0000, 0xA700, 0x0112


class DicomServer:
    """An application entity that can be shut and opened again on the same port."""

    def __init__(self, title: str, contexts: list[Any], handlers: list[Any]) -> None:
        self._ae: Any = AE(ae_title=title)
        for context in contexts:
            self._ae.add_supported_context(context)
        self._ae.maximum_associations = 50
        self._handlers = [*handlers, (evt.EVT_CONN_OPEN, _no_delay)]
        self._server: Any = None
        self.title, self.port = title, 0
        self.is_open = False
        """An association that outlives the port (its abort can race with a query) finds it shut."""

    def open(self) -> int:
        self.is_open = True
        if self._server is None:
            self.port = self.port or free_port()
            self._server = self._ae.start_server(
                ("127.0.0.1", self.port), block=False, evt_handlers=self._handlers
            )
        return self.port

    async def shut(self) -> None:
        """Close the port and cut what is associated."""
        self.is_open = False
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(_shutdown, server)


def worklist(records: Callable[[], list[Record]]) -> DicomServer:
    """A worklist of every order that is not cancelled."""

    def find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        if not server.is_open:
            yield OUT_OF_RESOURCES, None
            return
        asked = event.identifier
        patient = str(asked.get("PatientID", "") or "")
        for record in records():
            if record.cancelled or (patient and record.patient != patient):
                continue
            yield PENDING, _row(record)
        yield SUCCESS, None

    server = DicomServer(
        "RISWL",
        [ModalityWorklistInformationFind, Verification],
        [(evt.EVT_C_FIND, find), (evt.EVT_C_ECHO, _echo)],
    )
    return server


def node(title: str) -> DicomServer:
    """An application entity that answers C-ECHO: a link computer, a region's receiver, BFR."""
    return DicomServer(title[:16].upper(), [Verification], [(evt.EVT_C_ECHO, _echo)])


PHANTOM_STUDY = "1.2.826.0.1.3680043.10.1000.1"
"""The study that the simulated archive always holds; it belongs to no patient."""


def pacs() -> DicomServer:
    """A PACS: C-ECHO, C-FIND of its phantom study, C-STORE of the test image, commitment."""
    stored: set[str] = set()

    def find(event: Any) -> Iterator[tuple[int, Dataset | None]]:
        if str(event.identifier.get("StudyInstanceUID", "")) == PHANTOM_STUDY:
            row = Dataset()
            row.QueryRetrieveLevel, row.StudyInstanceUID = "STUDY", PHANTOM_STUDY
            yield PENDING, row
        yield SUCCESS, None

    def store(event: Any) -> int:
        stored.add(str(event.dataset.SOPInstanceUID))
        return SUCCESS

    def commit(event: Any) -> tuple[int, Dataset | None]:
        asked = event.action_information.ReferencedSOPSequence
        known = all(str(item.ReferencedSOPInstanceUID) in stored for item in asked)
        return (SUCCESS if known else NO_SUCH_OBJECT), None

    return DicomServer(
        "PACS",
        [
            Verification,
            StudyRootQueryRetrieveInformationModelFind,
            SecondaryCaptureImageStorage,
            StorageCommitmentPushModel,
        ],
        [
            (evt.EVT_C_ECHO, _echo),
            (evt.EVT_C_FIND, find),
            (evt.EVT_C_STORE, store),
            (evt.EVT_N_ACTION, commit),
        ],
    )


def _echo(_: Any) -> int:
    return SUCCESS


def _row(record: Record) -> Dataset:
    step = Dataset()
    step.Modality = "OT"
    step.ScheduledStationAETitle = "DUMMY"
    step.ScheduledProcedureStepStartDate = "20300101"
    step.ScheduledProcedureStepStartTime = "080000"
    step.ScheduledProcedureStepID = record.filler
    row = Dataset()
    row.SpecificCharacterSet = "ISO_IR 192"
    row.AccessionNumber = record.filler
    row.PatientID = record.patient
    row.PatientName = "ZZTEST^WATCHDOG"
    row.StudyInstanceUID = f"2.25.{int.from_bytes(record.placer.encode()[:15], 'big')}"
    row.RequestedProcedureID = record.filler
    row.RequestedProcedureDescription = record.text
    row.PlacerOrderNumberImagingServiceRequest = record.placer
    row.FillerOrderNumberImagingServiceRequest = record.filler
    row.ScheduledProcedureStepSequence = [step]
    return row


def _no_delay(event: Any) -> None:
    event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _shutdown(server: Any) -> None:
    for association in server.active_associations:
        _cut(association)
    server.shutdown()  # within half a second, in which others may still have come
    for association in server.active_associations:
        _cut(association)


def _cut(association: Any) -> None:
    """End its connection as a crash does: the kernel closes it.

    `abort()` is not for this: asked of a peer that has connected and said nothing yet (Sta2 of PS3.8
    table 9-10) it is no event of the state machine, and pynetdicom's thread dies of it.
    """
    transport = association.dul.socket
    if transport is not None and transport.socket is not None:
        with contextlib.suppress(OSError):
            transport.socket.shutdown(socket.SHUT_RDWR)
