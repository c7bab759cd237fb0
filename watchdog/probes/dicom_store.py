"""`dicom_store`: one tiny Secondary Capture to a test AE, and its commitment (PS3.4 annexes B, J).

Opt-in: it leaves an object behind, always the same one (same UIDs), so that a hundred looks store
one image. Needs the approval of the archive's owner in the configuration.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom.sop_class import (
    SecondaryCaptureImageStorage,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    StorageCommitmentPushModel,  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
)

from watchdog.model.system import Outcome
from watchdog.probes.association import Associated, DicomSettings, answered
from watchdog.probes.look import Seen

COMMITMENT_INSTANCE = "1.2.840.10008.1.20.1.1"
"""The well-known instance of the Storage Commitment Push Model (PS3.4, J.3.5)."""
REQUEST_COMMITMENT = 1
Uid = Annotated[str, Field(pattern=r"^[0-9.]{1,58}$")]


class DicomStoreSettings(DicomSettings):
    """Where the image goes, under whose approval, and the UID root below which it is made."""

    kind: Literal["dicom_store"]
    approval: Annotated[str, Field(min_length=3)]
    uid_root: Uid
    """A root that belongs to the care provider; .1 to .4 below it are used."""
    patient_id: str
    commitment: bool = True


class DicomStoreProbe:
    def __init__(self, settings: DicomStoreSettings) -> None:
        self._settings = settings
        contexts: list[Any] = [SecondaryCaptureImageStorage]
        if settings.commitment:
            contexts.append(StorageCommitmentPushModel)
        self._associated = Associated(settings, contexts)

    async def look(self) -> Seen:
        return await self._associated.run(self._store)

    async def close(self) -> None:
        await self._associated.close()

    def _store(self, association: Any) -> Seen:
        image = _image(self._settings)
        why = answered(association.send_c_store(image), "C-STORE")
        if why is not None:
            return why
        if not self._settings.commitment:
            return Seen(Outcome.OK, "the test image was taken")
        asked = Dataset()
        asked.TransactionUID = f"{self._settings.uid_root}.4"
        reference = Dataset()
        reference.ReferencedSOPClassUID = image.SOPClassUID
        reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
        asked.ReferencedSOPSequence = [reference]
        status, _ = association.send_n_action(
            asked, REQUEST_COMMITMENT, StorageCommitmentPushModel, COMMITMENT_INSTANCE
        )
        why = answered(status, "the request for storage commitment")
        return why or Seen(Outcome.OK, "the test image was taken, and its commitment is asked for")


def _image(settings: DicomStoreSettings) -> Dataset:
    """Eight by eight grey dots; no patient, and it says so."""
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID = SecondaryCaptureImageStorage
    image.StudyInstanceUID = f"{settings.uid_root}.1"
    image.SeriesInstanceUID = f"{settings.uid_root}.2"
    image.SOPInstanceUID = f"{settings.uid_root}.3"
    image.PatientID, image.PatientName = settings.patient_id, "ZZTEST^REMISSVAKT"
    image.PatientBirthDate = image.PatientSex = image.StudyDate = image.StudyTime = ""
    image.AccessionNumber = image.ReferringPhysicianName = image.StudyID = ""
    image.Modality, image.ConversionType, image.SeriesNumber = "OT", "SYN", "1"
    image.InstanceNumber, image.SamplesPerPixel = "1", 1
    image.PhotometricInterpretation = "MONOCHROME2"
    image.Rows = image.Columns = 8
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = bytes(range(64))
    return image
