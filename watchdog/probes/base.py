"""What every arrival reader promises, and the error that says: we could not look."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from watchdog.model.order import Arrival, Level


class ReaderSettings(BaseModel):
    """Base of the settings of a reader in the configuration; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An order that a reader is asked about."""

    placer: str
    filler: str
    control_id: str


class CannotLook(Exception):
    """The reader did not answer: nothing follows about the orders. The text names no patient."""


class ArrivalReader(Protocol):
    """Looks into the RIS for our orders."""

    name: str
    level: Level
    most: int
    """Orders that one look can take within its time."""

    async def look(self, wanted: Sequence[Wanted]) -> list[Arrival]:
        """Those of `wanted` that the RIS shows. CannotLook when it could not be asked."""
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...
