"""`dicom_echo`: C-ECHO (DICOM PS3.7, 9.1.5). The DICOM process answers; nothing of storage."""

from typing import Any, Literal

from pynetdicom.sop_class import (
    Verification,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
)

from watchdog.model.system import Outcome
from watchdog.probes.association import Associated, DicomSettings, answered
from watchdog.probes.look import Seen


class DicomEchoSettings(DicomSettings):
    """An application entity that answers C-ECHO."""

    kind: Literal["dicom_echo"]


class DicomEchoProbe:
    def __init__(self, settings: DicomEchoSettings) -> None:
        self._settings = settings
        self._associated = Associated(settings, [Verification])

    async def look(self) -> Seen:
        return await self._associated.run(_echo)

    async def close(self) -> None:
        await self._associated.close()


def _echo(association: Any) -> Seen:
    return answered(association.send_c_echo(), "C-ECHO") or Seen(Outcome.OK, "C-ECHO was answered")
