"""Of two incidents of one path that are not over, the outage is the one that counts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.support.incidents import an_outage
from watchdog.incidents.window import unfinished

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
OUTAGE = an_outage(NOW)
SUSPICION = replace(OUTAGE, id="inc_2", opened_at=NOW + timedelta(hours=1), declared_at=None)
OVER = replace(OUTAGE, id="inc_3", cleared_at=NOW)


def test_an_outage_is_not_hidden_by_a_later_suspicion() -> None:
    assert unfinished([SUSPICION, OUTAGE]) == OUTAGE
    assert unfinished([OVER, SUSPICION]) == SUSPICION
    assert unfinished([OVER]) is None
