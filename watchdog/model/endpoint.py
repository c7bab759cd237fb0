"""Who is told, by which channel, and what follows when nobody acknowledges."""

from dataclasses import dataclass
from datetime import time
from pathlib import Path

from watchdog.model.calendar import OpenHours
from watchdog.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One rung of an escalation: who is told when nobody has acknowledged."""

    after_s: float
    """Seconds after the first notice."""
    to: str
    """Id of the endpoint that is told then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Someone who is told, by webhook or by mail."""

    id: str
    role: str
    """duty_officer, it, receiving_unit, administrators (the morning report)."""
    sites: tuple[str, ...]
    url: str = ""
    secret_file: Path = Path()
    to: str = ""
    """The mailbox, if it is told by mail and not by webhook."""
    unit: str | None = None
    events: tuple[str, ...] = ()
    """Overrides what the role is told by default."""
    escalation: tuple[Rung, ...] = ()
    remind_every_s: float = 0.0
    """Zero: no reminders."""
    remind_times: int = 0
    hours: OpenHours | None = None
    """What happens at other times is told when they begin, in its order; None: at once."""
    handshake: bool = False
    """Ask the receiver first whether it wants our notices (CloudEvents web hook, OPTIONS)."""
    subscribed: bool = False
    """It subscribed while the service ran. It is told, and nobody waits for what it says: who must
    acknowledge, and what follows if nobody does, stands in the configuration."""

    @property
    def asked(self) -> bool:
        """True if a person behind it must acknowledge that clinics change to paper."""
        told = not self.events or "advice_changed" in self.events
        return told and self.role in ("duty_officer", "receiving_unit") and not self.subscribed


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """The mail server that takes our notices."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    """starttls, tls, or none (test environment only)."""
    ca_file: Path | None = None
    username: str = ""
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """Who is told again and again that we watch, and rings when it is not told any more."""

    url: str
    every_s: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTest:
    """Who gets a test notice every day, and when, Swedish time."""

    at: time
    endpoints: tuple[str, ...]
    drill: str = ""
    """The path on which a drill for these endpoints alone is held then; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedTarget:
    """Where webhooks may go."""

    network: Network
    ports: tuple[int, ...]
