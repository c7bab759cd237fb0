"""Are we blind? Control probes, blind readers, pauses of our own. Blindness is unknown, never an outage."""

from watchdog.model.observation import ARRIVALS, Ev, Event

READERS_GONE_AFTER = 2


class Blindness:
    """What our own eyes are worth."""

    def __init__(self, blind_after: int) -> None:
        self._blind_after = blind_after
        self._newest: tuple[Ev, str, float] | None = None
        self.failed = 0
        """Control probes failed in a row."""
        self.last_ok: float | None = None
        self.controls_seen = False
        self.doubted_since: float | None = None
        """The last control that passed before the newest blindness: nothing after it is trusted."""
        self.readers_failed = 0
        """Rounds of looks in a row in which no arrival reader could look."""
        self._looked: float | None = None

    def observe(self, event: Event) -> bool:
        """Take a control event in; True if sight has just come back and evidence must be dropped."""
        if (event.ev, event.scope, event.mono) == self._newest:
            return False  # told twice
        self._newest = (event.ev, event.scope, event.mono)
        if event.scope == ARRIVALS:
            return self._readers(event)
        self.controls_seen = True
        if event.ev is Ev.CONTROL_OK:
            returned = self.failed > 0
            self.failed, self.last_ok = 0, event.mono
            return returned
        if self.failed == 0:
            self.doubted_since = self.last_ok
        self.failed += 1
        return False

    @property
    def doubtful(self) -> bool:
        """One control probe failed: evidence is frozen."""
        return self.failed >= 1

    @property
    def blind(self) -> bool:
        """Enough control probes failed: nothing can be said about the path."""
        return self.failed >= self._blind_after

    def sighted_since(self, mono: float) -> bool:
        """True if a control probe passed after `mono`, or none is configured."""
        return not self.controls_seen or (self.last_ok is not None and self.last_ok > mono)

    @property
    def readers_blind(self) -> bool:
        """The last round of looks failed: arrivals cannot be seen, their absence proves nothing."""
        return self.readers_failed >= 1

    @property
    def readers_gone(self) -> bool:
        """They failed again: what arrives is unknown."""
        return self.readers_failed >= READERS_GONE_AFTER

    def looked(self, mono: float | None) -> None:
        """The newest round of looks that saw anything began at `mono`.

        What it did not show may have arrived since: our looking late is not the path being late.
        None: nobody has to look, arrivals are told as they happen.
        """
        self._looked = mono

    def seen_until(self, now: float) -> float:
        """Until when an arrival would have been seen."""
        if self._looked is None or self.readers_blind:
            return now  # blind readers: nothing is said of arrivals at all
        return min(now, self._looked)

    def _readers(self, event: Event) -> bool:
        if event.ev is Ev.CONTROL_FAIL:
            self.readers_failed += 1
            return False
        before, self.readers_failed = self.readers_failed, 0
        return before > 0
