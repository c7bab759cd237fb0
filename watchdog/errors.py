"""Every error raised on purpose, one tree, with stable codes.

RemissvaktError
  ConfigError          the configuration or a routine file is wrong; start-up is refused
  UnsafeOrder          an order that must not leave was about to
  NotFound             UnknownClinic, UnknownPath, UnknownIncident
  Refused              the caller asked for something that may not be
  StorageError         the database did not take what was to be stored
  DeliveryError        a notice did not reach its receiver; says whether a retry makes sense
  RecordingError       recorded observations cannot be replayed; says line and field
"""

from collections.abc import Iterable
from dataclasses import dataclass


class RemissvaktError(Exception):
    """Base of all; `code` is stable and may be relied on by callers."""

    code = "error"
    status = 500


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a file: where, what it says, what is allowed."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class ConfigError(RemissvaktError):
    """A file cannot be used; carries every problem found in it, not only the first."""

    code = "config"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


class UnsafeOrder(RemissvaktError):
    """A synthetic order broke a safety rule and was not sent."""

    code = "unsafe_order"


class NotFound(RemissvaktError):
    """Nothing of that name is configured or stored."""

    code = "not_found"
    status = 404


class UnknownClinic(NotFound):
    code = "unknown_clinic"


class UnknownPath(NotFound):
    """No path or group has the name that was `asked` for; says which there are."""

    code = "unknown_path"

    def __init__(self, known: Iterable[str], asked: str = "that") -> None:
        super().__init__(f"No path is called {asked[:60]}: there are {', '.join(sorted(known))}.")


class UnknownIncident(NotFound):
    code = "unknown_incident"


class UnknownUnit(NotFound):
    code = "unknown_unit"


class UnknownScenario(NotFound):
    code = "unknown_scenario"


class BadQuestion(RemissvaktError):
    """A parameter cannot be understood; the text says how to write it."""

    code = "invalid"
    status = 422


class Refused(RemissvaktError):
    """The request is understood and may not be carried out now; the text says why."""

    code = "refused"
    status = 409


class NotSignedIn(RemissvaktError):
    """A write needs an API key and none, or a wrong one, came with it."""

    code = "not_signed_in"
    status = 401


class NotAllowed(RemissvaktError):
    """The API key is good and its role is too low."""

    code = "not_allowed"
    status = 403


class NotReady(RemissvaktError):
    """The process cannot form an answer yet."""

    code = "not_ready"
    status = 503


class StorageError(RemissvaktError):
    """The database did not take it; nothing was told to anyone."""

    code = "storage"
    status = 503


class Fenced(StorageError):
    """Another node leads: what this one decided no longer counts, and was not stored."""


class DeliveryError(RemissvaktError):
    """A notice was not taken by its receiver."""

    code = "delivery"

    def __init__(
        self, message: str, *, refused: bool = False, after_s: float | None = None
    ) -> None:
        self.refused = refused
        """The receiver answered that it will not have this very notice; another it may take."""
        self.after_s = after_s
        """The receiver asked to be left alone for so long."""
        super().__init__(message)


class RecordingError(RemissvaktError):
    """Recorded observations cannot be read or replayed."""

    code = "recording"
    status = 400
