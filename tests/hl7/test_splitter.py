"""Others' messages are read whatever their line ends, delimiters and character sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchdog.hl7.order import escape
from watchdog.hl7.splitter import split

HEAD = "MSH|^~\\&|RIS|SAS|OM||20261121||ORR^O02|F1|P|2.3.1"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_line_end_gives_every_segment(end: str) -> None:
    message = split(f"{HEAD}{end}MSA|AA|ID1{end}ORC|OK|WD1|F77{end}".encode())
    assert message is not None
    assert message.get("MSA", 2) == "ID1"
    assert message.get("ORC", 3) == "F77"


def test_a_last_segment_without_its_end_is_read() -> None:
    message = split(f"{HEAD}\rMSA|AA|ID1".encode())
    assert message is not None
    assert message.get("MSA", 1) == "AA"


def test_fields_of_the_header_have_their_own_numbers() -> None:
    message = split(HEAD.encode())
    assert message is not None
    assert message.get("MSH", 10) == "F1"
    assert message.get("MSH", 9, 2) == "O02"
    assert message.get("MSH", 12) == "2.3.1"


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("8859/1", "iso-8859-1"), ("UNICODE UTF-8", "utf-8"), ("", "iso-8859-1")],
)
def test_letters_are_read_by_the_named_character_set(charset: str, codec: str) -> None:
    text = f"{HEAD}||||||{charset}\rNTE|1||ÅÄÖ åäö\r"
    message = split(text.encode(codec))
    assert message is not None
    assert message.get("NTE", 3) == "ÅÄÖ åäö"


@pytest.mark.parametrize("data", [b"", b"MSH", b"ORC|NW", b"\x00\x00", b"<html></html>"])
def test_what_is_not_hl7_is_none(data: bytes) -> None:
    assert split(data) is None


def test_reading_what_is_not_there_gives_nothing() -> None:
    message = split(HEAD.encode())
    assert message is not None
    assert message.get("ORC", 2) == ""
    assert message.get("MSH", 99) == ""


printable = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f")
)


@given(printable)
def test_an_escaped_text_comes_back_in_the_same_field(text: str) -> None:
    message = split(f"{HEAD}||||||UNICODE UTF-8\rNTE|1||{escape(text)}|end\r".encode())
    assert message is not None
    assert message.get("NTE", 3) == text
    assert message.get("NTE", 4) == "end"


@given(st.binary(max_size=300))
def test_no_bytes_can_break_the_reader(data: bytes) -> None:
    message = split(b"MSH|^~\\&|" + data)
    assert message is not None
    message.get("MSH", 10)
    message.get("MSA", 2, 3)
