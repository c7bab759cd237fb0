"""Whose identity, and whose number: both are checked before anything leaves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.orders.identity import OIDS, Identity, luhn_holds, refusal
from watchdog.orders.number import control_id, is_ours, placer_number

TEST = Identity(
    number="189001019802",
    oid=OIDS["personnummer"],
    family="ZZTEST",
    given="X",
    born="18900101",
    sex="O",
    approval="",
)
ALLOWED = frozenset({"189001019802"})
KEY = b"k" * 32


def test_a_listed_test_number_may_be_used_in_a_test_environment() -> None:
    assert refusal(TEST, ALLOWED, production=False) is None


def test_an_unlisted_number_with_a_right_check_digit_may_be_a_living_person() -> None:
    other = replace(TEST, number="189102279800")
    assert luhn_holds(other.number)
    said = refusal(other, ALLOWED, production=False)
    assert said is not None
    assert "living person" in said
    assert other.number not in said


def test_test_numbers_are_refused_in_production_even_if_approved() -> None:
    said = refusal(replace(TEST, approval="D-1"), ALLOWED, production=True)
    assert said is not None
    assert "test environments only" in said


def test_a_reserve_number_with_an_approval_is_right_for_production() -> None:
    reserve = replace(TEST, oid=OIDS["vgr_reserve"], approval="D-1")
    assert refusal(reserve, ALLOWED, production=True) is None
    assert refusal(replace(reserve, approval=""), ALLOWED, production=True) is not None


@given(st.binary(min_size=10, max_size=10), st.binary(min_size=32, max_size=32))
def test_a_number_of_ours_is_known_by_its_mark_and_by_no_other(chance: bytes, key: bytes) -> None:
    number = placer_number(KEY, "p", chance)
    assert len(number) == 20
    assert number.isascii()
    assert number.isalnum()
    assert is_ours(KEY, "p", number)
    assert not is_ours(KEY, "q", number)
    assert not is_ours(key, "p", number) or key == KEY
    assert len(control_id(chance)) == 18


@pytest.mark.parametrize("number", ["", "WD", "WDÅÄÖ5678901234567890", "XX345678901234567890"])
def test_other_numbers_are_not_ours(number: str) -> None:
    assert not is_ours(KEY, "p", number)
