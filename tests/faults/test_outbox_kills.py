"""The kill -9 harness of notices, small: a kill at each of a dozen points, and both bad orders."""

import pytest

from tests.faults import outbox
from tests.faults.outbox_points import POINTS

DOZEN = (
    "ack.recv",
    "decide.after",
    "tx.after_incident",
    "tx.after_outbox",
    "tx.before_commit",
    "tx.after_commit",
    "lease.after",
    "send.after_write",
    "send.after_response",
    "mark.after",
    "clear.tx",
    "epoch.bump",
)


def test_a_service_that_is_killed_at_any_step_tells_all_that_it_stored_and_bad_orders_do_not() -> (
    None
):
    points = {name: min(POINTS[name], 4) for name in DOZEN}
    found = outbox.run(len(points), seed=7, controls=1, declarations=3, points=points)
    assert found["kills_by_point"] == dict.fromkeys(sorted(DOZEN), 1)
    assert found["committed"] > len(points)
    assert found["received"] >= found["owed"] > found["committed"]
    wrong = ("lost", "invented", "unfinished", "visible_duplicates", "hidden_outages")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert {name: each["lost"] >= 1 for name, each in found["controls"].items()} == {
        "mark_before_sending": True,
        "two_transactions": True,
    }


def test_a_harness_whose_bad_variants_lose_nothing_refuses_to_vouch_for_the_product() -> None:
    with pytest.raises(SystemExit, match="mark_before_sending lost nothing"):
        outbox.run(0, seed=7, controls=0, declarations=1)
