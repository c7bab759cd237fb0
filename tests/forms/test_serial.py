"""Serial numbers: unique, readable, and every misread character or swapped pair is refused."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest

from watchdog.forms.serial import (
    ALPHABET,
    LENGTH,
    MOST_IN_PACK,
    clinic_code,
    is_valid,
    pack_made_at,
    pack_number,
    printed,
    serial,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RANDOM = random.Random(7)
THOUSAND = [
    serial(f"clinic_{n % 37}", pack_number(NOW) + RANDOM.randrange(10**7), n % MOST_IN_PACK)
    for n in range(1000)
]


def test_they_hold_no_letter_that_looks_like_another_and_fit_an_accession_number() -> None:
    assert len(set(THOUSAND)) == 1000
    assert not set("0O1IU") & set("".join(THOUSAND))
    assert {len(number) for number in THOUSAND} == {LENGTH}
    assert max(len(printed(number)) for number in THOUSAND) == 16


def test_every_single_wrong_character_is_refused() -> None:
    for number in THOUSAND:
        for place, letter in itertools.product(range(LENGTH), ALPHABET):
            if letter != number[place]:
                assert not is_valid(number[:place] + letter + number[place + 1 :])


def test_every_two_characters_that_changed_places_are_refused() -> None:
    for number in THOUSAND:
        for a, b in itertools.combinations(range(LENGTH), 2):
            if number[a] != number[b]:
                letters = list(number)
                letters[a], letters[b] = letters[b], letters[a]
                assert not is_valid("".join(letters))


def test_a_number_is_read_as_people_write_it() -> None:
    number = THOUSAND[0]
    assert is_valid(printed(number).lower())
    assert is_valid(f" {number[:4]} {number[4:]} ")
    assert not is_valid(number[:-1])
    assert not is_valid("")
    assert not is_valid("0" * LENGTH)


def test_a_pack_knows_when_it_was_made_for_decades() -> None:
    later = NOW + timedelta(days=365 * 27)
    assert pack_made_at(pack_number(later)) == later
    assert len(serial("x", pack_number(later), 0)) == LENGTH
    assert clinic_code("boras_emergency") != clinic_code("skene_ward")


@pytest.mark.parametrize(("pack", "running"), [(-1, 0), (0, MOST_IN_PACK), (31**6, 0), (0, -1)])
def test_what_does_not_fit_is_refused(pack: int, running: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        serial("clinic", pack, running)
