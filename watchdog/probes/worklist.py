"""Arrival reader by modality worklist C-FIND (DICOM PS3.4 annex K; E6).

Matches on patient id and, if given, station; the placer number is compared here because many
worklist servers neither match nor return it as asked (order-path.md, 2.3). pynetdicom is blocking
and runs in a thread pool of its own; TCP_NODELAY saves 40 ms per look.
"""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field
from pydicom.dataset import Dataset
from pynetdicom import AE, evt  # pyright: ignore[reportPrivateImportUsage]
from pynetdicom.sop_class import (
    ModalityWorklistInformationFind,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
)

from watchdog.model.order import Arrival, Level
from watchdog.probes.association import Endless, cut, ended, limited, opened
from watchdog.probes.base import CannotLook, ReaderSettings, Wanted

PENDING = (0xFF00, 0xFF01)
SUCCESS = 0x0000
MOST_ROWS = 5000
"""More than twice what is asked about in one look."""
PLACER_TAG, FILLER_TAG, TEXT_TAG = 0x00402016, 0x00402017, 0x00321060


class _Row(NamedTuple):
    """What is kept of one answer. A whole one is some 15 KiB, and after an outage a hundred come."""

    placer: str
    filler: str
    text: str


class WorklistReaderSettings(ReaderSettings):
    """`worklist`: a worklist SCP on which the dedicated code is scheduled at a dummy station."""

    kind: Literal["worklist"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    called_ae: Annotated[str, Field(max_length=16)]
    calling_ae: Annotated[str, Field(max_length=16)] = "REMISSVAKT"
    patient_id: str
    station: str | None = None
    placer_in: Literal["placer_number", "accession_number"] = "placer_number"
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 5.0


class WorklistReader:
    """One C-FIND per look, on an association kept open while it works."""

    level = Level.E6
    most = 2000

    def __init__(self, settings: WorklistReaderSettings) -> None:
        self.name = "worklist"
        self._settings = settings
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="worklist")
        self._ae = _application_entity(settings)
        self._association: Any = None
        self._under_way: Any = None
        self._closed = False

    async def look(self, wanted: Sequence[Wanted]) -> list[Arrival]:
        loop = asyncio.get_running_loop()
        rows = await loop.run_in_executor(self._pool, self._find)
        numbers = {order.placer for order in wanted}
        found = {
            row.placer: Arrival(
                placer=row.placer,
                level=self.level,
                reader=self.name,
                filler=row.filler,
                text=row.text,
            )
            for row in rows
            if row.placer in numbers
        }
        return list(found.values())

    async def close(self) -> None:
        """Release an idle association; cut one under way, which may be a query without end."""
        self._closed = True
        if self._under_way is not None:
            cut(self._under_way)
        await ended(self._pool, self._drop)

    def _placer_tag(self) -> int:
        return PLACER_TAG if self._settings.placer_in == "placer_number" else 0x00080050

    def _find(self) -> list[_Row]:
        for last_try in (False, True):  # a kept association may have died since the last look
            fresh = self._associate()
            self._under_way = self._association
            if self._closed:  # while we associated
                break
            rows, status_code = self._query()
            self._under_way = None
            if status_code == SUCCESS:
                return rows
            if self._closed:
                self._association = None  # cut by then: there is nobody to release it to
                break
            self._drop()
            if fresh or last_try:
                shown = f"status {status_code:#06x}" if status_code is not None else "no answer"
                raise CannotLook(f"the worklist query ended with {shown}")
        raise CannotLook("the worklist did not answer")

    def _query(self) -> tuple[list[_Row], int | None]:
        """Rows and the last status, None without any. CannotLook for a query that does not end."""
        rows: list[_Row] = []
        status_code: int | None = None
        patience_s = 2 * self._settings.timeout_s
        try:
            answers = self._association.send_c_find(
                _keys(self._settings), ModalityWorklistInformationFind
            )
            for status, row in limited(answers, patience_s, MOST_ROWS):
                status_code = int(status.Status) if "Status" in status else None
                if status_code in PENDING and row is not None:
                    rows.append(self._row(row))
        except Endless as error:
            cut(self._association)
            self._association.kill()
            self._association = self._under_way = None
            raise CannotLook(f"the worklist query was cut: {error}") from None
        except (RuntimeError, ValueError):
            status_code = None
        return rows, status_code

    def _row(self, row: Dataset) -> _Row:
        return _Row(_text(row, self._placer_tag()), _text(row, FILLER_TAG), _text(row, TEXT_TAG))

    def _associate(self) -> bool:
        """An association; True if it is new. CannotLook says how it failed."""
        settings = self._settings
        if self._association is not None and self._association.is_established:
            return False
        self._drop()
        _probe_tcp(settings)
        ae: Any = self._ae
        association = ae.associate(
            settings.host,
            settings.port,
            ae_title=settings.called_ae,
            evt_handlers=[(evt.EVT_CONN_OPEN, opened)],
        )
        if association.is_established:
            self._association = association
            return True
        if association.is_rejected:
            raise CannotLook("the worklist server rejected our application entity")
        raise CannotLook("the worklist server accepted TCP and no association")

    def _drop(self) -> None:
        if self._association is not None and self._association.is_established:
            self._association.release()
        self._association = None


def _application_entity(settings: WorklistReaderSettings) -> AE:
    ae = AE(ae_title=settings.calling_ae)
    ae.add_requested_context(ModalityWorklistInformationFind)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    ae.acse_timeout = ae.dimse_timeout = ae.connection_timeout = settings.timeout_s
    ae.network_timeout = max(60.0, settings.timeout_s)
    return ae


def _probe_tcp(settings: WorklistReaderSettings) -> None:
    """pynetdicom tells refused, silent and black hole alike; a plain connect tells them apart."""
    try:
        socket.create_connection((settings.host, settings.port), settings.timeout_s).close()
    except OSError as error:
        raise CannotLook(f"no connection to the worklist server: {type(error).__name__}") from None


def _keys(settings: WorklistReaderSettings) -> Dataset:
    """Universal return keys; step attributes inside the sequence, no QueryRetrieveLevel."""
    step = Dataset()
    for name in (
        "Modality",
        "ScheduledProcedureStepStartDate",
        "ScheduledProcedureStepStartTime",
        "ScheduledProcedureStepID",
        "ScheduledProcedureStepStatus",
    ):
        setattr(step, name, "")
    step.ScheduledStationAETitle = settings.station or ""
    keys = Dataset()
    for name in (
        "AccessionNumber",
        "PatientName",
        "StudyInstanceUID",
        "RequestedProcedureID",
        "RequestedProcedureDescription",
        "PlacerOrderNumberImagingServiceRequest",
        "FillerOrderNumberImagingServiceRequest",
    ):
        setattr(keys, name, "")
    keys.SpecificCharacterSet = "ISO_IR 100"
    keys.PatientID = settings.patient_id
    keys.ScheduledProcedureStepSequence = [step]
    return keys


def _text(row: Dataset, tag: int) -> str:
    return str(row[tag].value or "").strip() if tag in row else ""
