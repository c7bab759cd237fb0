"""Our ACK: turned round, in its sender's version and character set; nothing said that need not be."""

from datetime import UTC, datetime

import pytest

from watchdog.hl7 import ack
from watchdog.hl7.splitter import Message, split

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LONG = "Testsson Karin 189001019802 " * 3


def _written(head: str) -> Message:
    message = split(f"{head}\rORC|NW|R1\r".encode())
    assert message is not None
    answer = split(ack.write(message, "AA", "WD1", NOW))
    assert answer is not None
    return answer


def test_the_names_are_turned_round_and_the_control_id_is_repeated() -> None:
    hsa = "SE2321000131-E000000000101^1.2.752.129.2.1.4.1^ISO"
    answer = _written(f"MSH|^~\\&|{hsa}|SAS|OM|REGION|20261121||ORM^O01|M1|P|2.3.1")
    assert answer.raw("MSH", 5) == hsa
    assert [answer.get("MSH", field) for field in (3, 4, 6)] == ["OM", "REGION", "SAS"]
    assert (answer.get("MSA", 1), answer.get("MSA", 2)) == ("AA", "M1")
    assert (answer.get("MSH", 9, 2), answer.get("MSH", 12)) == ("O01", "2.3.1")


@pytest.mark.parametrize("field", [3, 4, 5, 6, 9, 11, 12, 18])
def test_a_field_that_was_filled_with_something_else_is_not_repeated(field: int) -> None:
    fields = ["RIS", "SAS", "OM", "SAS", "20261121", "", "ORM^O01", "M1", "P", "2.3.1"] + [""] * 6
    fields[field - 3] = f"ORM^{LONG}" if field == 9 else LONG
    answer = _written("MSH|^~\\&|" + "|".join(fields))
    assert "9802" not in "|".join(answer.raw("MSH", number) for number in range(3, 19))
    assert answer.get("MSA", 2) == "M1"


@pytest.mark.parametrize("escaped", ["2.3.1\\.br\\MSA", "2.3.1\\X0D\\MSA", "2.3.1\\F\\MSA"])
@pytest.mark.parametrize("field", [9, 12])
def test_an_escape_in_a_senders_field_adds_no_segment_and_no_field(
    escaped: str, field: int
) -> None:
    fields = [
        "MSH",
        "^~\\&",
        "OM",
        "SAS",
        "RIS",
        "SAS",
        "20261121",
        "",
        "ORM^O01",
        "M1",
        "P",
        "2.3.1",
    ]
    fields[field - 1] = f"ORM^{escaped}" if field == 9 else escaped
    answer = _written("|".join(fields))
    assert (answer.get("MSA", 1), answer.get("MSA", 2)) == ("AA", "M1")
    assert "MSA" not in answer.raw("MSH", 12) + answer.raw("MSH", 9)


def test_a_control_id_of_199_characters_is_repeated_and_a_longer_one_is_not() -> None:
    head = "MSH|^~\\&|OM|SAS|RIS|SAS|20261121||ORM^O01|{}|P|2.3.1"
    assert _written(head.format("M" * 199)).get("MSA", 2) == "M" * 199
    answer = _written(head.format("M" * 200))
    assert (answer.get("MSA", 1), answer.get("MSA", 2)) == ("AA", "")


def test_a_name_of_very_many_components_is_not_repeated() -> None:
    answer = _written(f"MSH|^~\\&|{'a^' * 150}|SAS|OM|SAS|20261121||ORM^O01|M1|P|2.3.1")
    assert answer.raw("MSH", 5) == ""
    assert answer.get("MSA", 2) == "M1"
