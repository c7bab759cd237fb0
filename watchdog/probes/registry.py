"""Kind to module: one line per arrival reader, one per probe of a system."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from watchdog.probes.base import ArrivalReader
from watchdog.probes.dicom_echo import DicomEchoProbe, DicomEchoSettings
from watchdog.probes.dicom_find import DicomFindProbe, DicomFindSettings
from watchdog.probes.dicom_store import DicomStoreProbe, DicomStoreSettings
from watchdog.probes.fhir import FhirReader, FhirReaderSettings
from watchdog.probes.http import HttpReader, HttpReaderSettings
from watchdog.probes.listener import ListenerSettings
from watchdog.probes.look import ProbeSettings, SystemProbe
from watchdog.probes.mllp_connect import MllpConnectProbe, MllpConnectSettings
from watchdog.probes.sql import SqlReader, SqlReaderSettings
from watchdog.probes.tcp import TcpProbe, TcpSettings
from watchdog.probes.web import WebProbe, WebSettings
from watchdog.probes.worklist import WorklistReader, WorklistReaderSettings

AnyReader = Annotated[
    ListenerSettings
    | WorklistReaderSettings
    | FhirReaderSettings
    | HttpReaderSettings
    | SqlReaderSettings,
    Field(discriminator="kind"),
]
"""What may stand under `readers:` of a path."""


def make(settings: object) -> ArrivalReader | None:
    """The polling reader for these settings; None for the listener, which is pushed to."""
    match settings:
        case WorklistReaderSettings():
            return WorklistReader(settings)
        case FhirReaderSettings():
            return FhirReader(settings)
        case HttpReaderSettings():
            return HttpReader(settings)
        case SqlReaderSettings():
            return SqlReader(settings)
        case _:
            return None


AnySystemProbe = Annotated[
    TcpSettings
    | WebSettings
    | MllpConnectSettings
    | DicomEchoSettings
    | DicomFindSettings
    | DicomStoreSettings,
    Field(discriminator="kind"),
]
"""What may stand under `probes:` of a system."""

SYSTEM_PROBES: dict[type[ProbeSettings], Callable[[Any], SystemProbe]] = {
    TcpSettings: TcpProbe,
    WebSettings: WebProbe,
    MllpConnectSettings: MllpConnectProbe,
    DicomEchoSettings: DicomEchoProbe,
    DicomFindSettings: DicomFindProbe,
    DicomStoreSettings: DicomStoreProbe,
}


def make_probe(settings: ProbeSettings) -> SystemProbe:
    """The probe for these settings. KeyError for a kind that is not registered."""
    return SYSTEM_PROBES[type(settings)](settings)
