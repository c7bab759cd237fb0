"""Which numbers make a path suspect, and an outage, each at its very limit; the charts by hand."""

from typing import Any

import pytest

from tests.detection.court import BUDGET, NOW, OUTAGE, SUSPECT, Court, missing
from watchdog.detection.flight import Flying
from watchdog.detection.judge import CALM_EVIDENCE, SENDER_CALM_NATS
from watchdog.detection.recovery import CLEAR_NATS
from watchdog.detection.slow import CALM_NATS, SUSPECT_NATS
from watchdog.model.cadence import FAST
from watchdog.model.outage import Phase, Reason

P, R = Phase, Reason


# ---- nothing is known


def test_before_anything_has_arrived_it_stays_unknown() -> None:
    assert Court(P.UNKNOWN, R.STARTING).goes() is None
    assert Court(P.UNKNOWN, R.STARTING, 500.0).set(proof__life=500.0).goes() is None


def test_an_order_sent_since_it_became_unknown_makes_it_clear() -> None:
    found = Court(P.UNKNOWN, R.STARTING, 500.0).set(proof__life=500.1)
    assert found.goes() == (P.CLEAR, R.ARRIVING)
    assert found.charts.counts_from == NOW
    assert found.calls == ["partial.reset", "slow.calm"]


def test_in_doubt_about_ourselves_nothing_moves_and_blindness_is_named() -> None:
    found = Court(P.UNKNOWN, R.STARTING).set(proof__life=900.0, evidence=99.0)
    found.set(sight__doubtful=True)
    assert (found.goes(), found.judge.reason) == (None, R.STARTING)
    found.set(sight__blind=True)
    assert (found.goes(), found.judge.reason) == (None, R.BLIND)


def test_without_a_reader_nothing_is_known_of_arrival_unless_the_send_side_fails() -> None:
    found = Court(P.UNKNOWN).set(proof__life=900.0, sight__readers_blind=True)
    assert (found.goes(), found.judge.reason) == (None, R.ARRIVING), "one round may fail"
    found.set(sight__readers_gone=True)
    assert (found.goes(), found.judge.reason) == (None, R.READERS_BLIND)
    assert found.set(evidence=SUSPECT).goes() == (P.SUSPECTED, R.SUSPECTED)


def test_an_outage_may_be_suspected_from_unknown() -> None:
    assert Court(P.UNKNOWN).set(evidence=SUSPECT).goes() == (P.SUSPECTED, R.SUSPECTED)
    rejected = Court(P.UNKNOWN)
    rejected.charts.pacing.reject(NOW)
    assert rejected.goes() == (P.SUSPECTED, R.PROBE_REJECTED)


def test_blind_readers_beside_a_send_side_that_fails_are_named_and_prove_no_life() -> None:
    found = Court(P.UNKNOWN, R.STARTING).set(proof__life=900.0, evidence=BUDGET.watchful_nats)
    found.set(sight__readers_blind=True, sight__readers_gone=True)
    assert (found.goes(), found.judge.reason) == (None, R.READERS_BLIND)


# ---- well


def test_a_well_path_stays_so_up_to_the_limit_of_suspicion() -> None:
    just = SUSPECT - 1e-9
    assert Court(P.CLEAR).set(evidence=just).goes() is None
    assert Court(P.CLEAR).set(partial__evidence=just).goes() is None
    assert Court(P.CLEAR).set(slow__nats=SUSPECT_NATS - 1e-9).goes() is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"evidence": SUSPECT}, R.SUSPECTED),
        ({"partial__evidence": SUSPECT}, R.PARTIAL_LOSS),
        ({"partial__evidence": SUSPECT, "partial__sender": "ill"}, R.SENDER_LOSS),
        ({"slow__nats": SUSPECT_NATS}, R.SLOW),
        ({"evidence": SUSPECT, "partial__evidence": SUSPECT}, R.SUSPECTED),
        ({"partial__evidence": SUSPECT, "slow__nats": SUSPECT_NATS}, R.PARTIAL_LOSS),
    ],
)
def test_each_chart_makes_suspect_at_its_limit(values: dict[str, Any], reason: Reason) -> None:
    assert Court(P.CLEAR).set(**values).goes() == (P.SUSPECTED, reason)


def test_nothing_is_suspected_of_orders_sent_since_a_control_last_passed() -> None:
    missing = [Flying("p1", 950.0, real=False, acked=True)]
    unseen = {"proof__missing": missing, "sight__seen_since": 949.0}
    assert Court(P.CLEAR).set(evidence=99.0, **unseen).goes() is None
    assert Court(P.CLEAR).set(partial__evidence=99.0, sight__seen_since=899.0).goes() is None
    seen = Court(P.CLEAR).set(evidence=99.0, **unseen).set(sight__seen_since=950.0)
    assert seen.goes() == (P.SUSPECTED, R.SUSPECTED)


def test_refusals_need_a_control_since_the_first_of_them_too() -> None:
    waits = Flying("p1", 940.0, real=False, acked=True)
    for sharp in ({"hard": True, "acked": True}, {"acked": False}):
        missing = [waits, Flying("p2", 950.0, real=False, **sharp)]
        found = Court(P.CLEAR).set(evidence=99.0, proof__missing=missing)
        assert found.set(sight__seen_since=945.0).goes() is None
        assert found.set(sight__seen_since=950.0).goes() == (P.SUSPECTED, R.SUSPECTED)
        missing.append(Flying("p3", 999.0, real=False, **sharp))
        again = Court(P.CLEAR).set(evidence=99.0, proof__missing=missing)
        assert again.set(sight__seen_since=950.0).goes() is not None, "the first is enough"


def test_our_own_blindness_ends_normal_and_doubt_moves_nothing() -> None:
    assert Court(P.CLEAR).set(sight__blind=True).goes() == (P.UNKNOWN, R.BLIND)
    assert Court(P.CLEAR).set(sight__doubtful=True, evidence=99.0).goes() is None
    gone = Court(P.CLEAR).set(sight__readers_gone=True, evidence=BUDGET.watchful_nats - 1e-9)
    assert gone.goes() == (P.UNKNOWN, R.READERS_BLIND)
    fails = Court(P.CLEAR).set(sight__readers_gone=True, evidence=BUDGET.watchful_nats)
    assert fails.goes() is None


def test_a_rejected_order_tells_a_whole_interval_after_the_newest_that_arrived() -> None:
    found = Court(P.CLEAR)
    found.charts.pacing.reject(NOW - 20)
    assert found.goes() == (P.SUSPECTED, R.PROBE_REJECTED), "nothing has ever arrived"
    for life, told in (
        (NOW - FAST.interval_s, (P.SUSPECTED, R.PROBE_REJECTED)),
        (NOW - FAST.interval_s + 0.1, None),
        (NOW - 19.9, None),
    ):
        found = Court(P.CLEAR).set(proof__life=life)
        found.charts.pacing.reject(NOW - 20)
        assert found.goes() == told
    outlived = Court(P.CLEAR).set(proof__life=NOW - 100)
    outlived.charts.pacing.reject(NOW - 101)
    assert outlived.goes() is None, "a younger one arrived: it was our order"


# ---- suspected


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"evidence": OUTAGE}, R.NOT_ARRIVING),
        ({"evidence": OUTAGE, "proof__missing": missing(False, True, True, True)}, R.REFUSED),
        ({"evidence": OUTAGE, "proof__missing": missing(True, real=5)}, R.REFUSED),
        ({"evidence": OUTAGE, "proof__missing": missing(True, False, True)}, R.NOT_ARRIVING),
        ({"evidence": OUTAGE, "proof__missing": missing(True, rejected=True)}, R.NOT_ARRIVING),
        ({"proof__overdue": lambda *_: True}, R.OVERDUE),
        ({"partial__path_declares": True}, R.PARTIAL_LOSS),
        ({"partial__path_declares": True, "partial__is_mixed": lambda _: False}, R.NOT_ARRIVING),
        ({"partial__sender_declares": True}, R.SENDER_LOSS),
        (
            {"partial__sender_declares": True, "evidence": CLEAR_NATS - 1e-9},
            R.SENDER_LOSS,
        ),
    ],
)
def test_an_outage_is_declared_at_its_limit_and_says_why(
    values: dict[str, Any], reason: Reason
) -> None:
    assert Court(P.SUSPECTED).set(**values).goes() == (P.DECLARED, reason)


@pytest.mark.parametrize(
    "values",
    [
        {"evidence": OUTAGE - 1e-9},
        {"partial__sender_declares": True, "evidence": CLEAR_NATS},
        {"partial__path_declares": True, "sight__readers_blind": True, "evidence": 2.0},
        {"proof__overdue": lambda *_: True, "sight__readers_blind": True, "evidence": 2.0},
        {"evidence": OUTAGE, "sight__doubtful": True},
        {
            "evidence": OUTAGE,
            "proof__missing": missing(False),
            "sight__seen_since": 1.0,
        },
        {
            "proof__overdue": lambda *_: True,
            "proof__missing": missing(False),
            "sight__seen_since": 1.0,
            "evidence": 2.0,
        },
    ],
)
def test_short_of_it_or_unseen_nothing_is_declared(values: dict[str, Any]) -> None:
    assert Court(P.SUSPECTED).set(**values).goes() is None


def test_blind_readers_do_not_hide_an_engine_that_fails() -> None:
    found = Court(P.SUSPECTED).set(evidence=OUTAGE, sight__readers_blind=True)
    assert found.goes() == (P.DECLARED, R.NOT_ARRIVING)


def test_whether_a_loss_is_partial_is_asked_with_the_newest_proof_of_life() -> None:
    asked: list[float] = []
    found = Court(P.SUSPECTED).set(partial__path_declares=True, proof__life=890.0)
    found.set(partial__is_mixed=lambda life: asked.append(life) or True)
    assert found.goes() == (P.DECLARED, R.PARTIAL_LOSS)
    assert asked == [890.0]


def test_overdue_is_asked_with_the_cadences_own_time() -> None:
    asked: list[tuple[float, float]] = []
    found = Court(P.SUSPECTED).set(proof__overdue=lambda *x: asked.append(x) or False, evidence=2.0)
    found.goes()
    assert asked == [(NOW, FAST.overdue_s)]


def test_while_something_speaks_against_it_the_reason_follows_and_the_phase_stays() -> None:
    found = Court(P.SUSPECTED, R.SUSPECTED).set(slow__nats=SUSPECT_NATS)
    assert (found.goes(), found.judge.reason) == (None, R.SLOW)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("evidence", CALM_EVIDENCE),
        ("partial__nats", CALM_EVIDENCE),
        ("partial__sender_nats", SUSPECT - SENDER_CALM_NATS),
        ("slow__nats", CALM_NATS),
    ],
)
def test_it_is_well_again_when_every_chart_is_calm(name: str, limit: float) -> None:
    assert Court(P.SUSPECTED).set(**{name: limit}).goes() is None
    calm = Court(P.SUSPECTED).set(**{name: limit - 1e-9})
    assert calm.goes() == (P.CLEAR, R.ARRIVING)
    assert calm.charts.counts_from == NOW
    assert calm.calls == ["partial.reset", "slow.calm"]
