"""Kind to module: one line per arrival reader."""

from typing import Annotated

from pydantic import Field

from watchdog.probes.base import ArrivalReader
from watchdog.probes.fhir import FhirReader, FhirReaderSettings
from watchdog.probes.http import HttpReader, HttpReaderSettings
from watchdog.probes.listener import ListenerSettings
from watchdog.probes.sql import SqlReader, SqlReaderSettings
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
