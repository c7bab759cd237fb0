"""`dicom_find`: C-FIND of one permanent phantom study (PS3.4 annex C): the index answers.

The study belongs to no patient; its UID is all that is asked for and compared.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydicom.dataset import Dataset
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
)

from watchdog.model.system import Outcome
from watchdog.probes.association import Associated, DicomSettings, answered, limited
from watchdog.probes.look import Seen

PENDING = (0xFF00, 0xFF01)
MOST_ANSWERS = 1000
"""One study is asked for: an index that tells of more than this ignores the UID."""


class DicomFindSettings(DicomSettings):
    """A query at study level for `study_uid`."""

    kind: Literal["dicom_find"]
    study_uid: Annotated[str, Field(pattern=r"^[0-9.]{1,64}$")]


class DicomFindProbe:
    def __init__(self, settings: DicomFindSettings) -> None:
        self._settings = settings
        self._associated = Associated(settings, [StudyRootQueryRetrieveInformationModelFind])

    async def look(self) -> Seen:
        return await self._associated.run(self._find)

    async def close(self) -> None:
        await self._associated.close()

    def _find(self, association: Any) -> Seen:
        keys = Dataset()
        keys.QueryRetrieveLevel = "STUDY"
        keys.StudyInstanceUID = self._settings.study_uid
        found, status = False, None
        answers = association.send_c_find(keys, StudyRootQueryRetrieveInformationModelFind)
        for status, row in limited(answers, self._settings.timeout_s, MOST_ANSWERS):
            if status and int(status.Status) in PENDING and row is not None:
                found = found or str(row.get("StudyInstanceUID", "")) == self._settings.study_uid
        why = answered(status, "C-FIND")
        if why is not None:
            return why
        if not found:
            return Seen(Outcome.REJECTED, "the index answers, and does not know the phantom study")
        return Seen(Outcome.OK, "the index knows the phantom study")
