"""Our own messages: complete, escaped, in the right character set, never injected."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from watchdog.errors import UnsafeOrder
from watchdog.hl7.order import (
    BLANK_STAMP,
    BLANKS,
    CANARY,
    Template,
    canary_damaged,
    cancel_order,
    new_order,
)
from watchdog.hl7.splitter import CHARSETS, Message, split
from watchdog.orders.identity import Identity

NOW = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
PLACER, CONTROL = "WDABCDEFGHIJ12345678", "WDABCDEFGHIJKLMN"
IDENTITY = Identity(
    number="189001019802",
    oid="1.2.752.129.2.1.3.1",
    family="ZZTEST",
    given="REMISSVAKT",
    born="18900101",
    sex="O",
    approval="",
)
TEMPLATE = Template(
    message_type="ORM^O01",
    charset="8859/1",
    sending_application="VAS",
    sending_facility="HALLAND",
    receiving_application="RIS",
    receiving_facility="HALLAND",
    processing="T",
    identity=IDENTITY,
    code="WDTEST",
    code_system="L",
    orderer="REMISSVAKT",
    entering="REMISSVAKT",
)
KINDS = [("ORM^O01", "8859/1"), ("OMG^O19", "UNICODE UTF-8"), ("OMG^O19", "8859/1")]


def built(template: Template) -> Message:
    message = split(new_order(template, placer=PLACER, control_id=CONTROL, now=NOW))
    assert message is not None
    return message


@pytest.mark.parametrize(("kind", "charset"), KINDS)
def test_an_order_carries_what_a_receiver_needs(kind: str, charset: str) -> None:
    message = built(replace(TEMPLATE, message_type=kind, charset=charset))

    assert message.get("MSH", 9) + "^" + message.get("MSH", 9, 2) == kind
    assert message.get("MSH", 7) == "20260701123000+0200"
    assert message.get("MSH", 10) == CONTROL
    assert message.get("MSH", 18) == charset
    assert message.get("ORC", 1) == "NW"
    assert message.get("ORC", 2) == message.get("OBR", 2) == PLACER
    assert message.get("ORC", 3) == ""
    assert message.get("PID", 3) == IDENTITY.number
    assert message.get("OBR", 24) == "OT"
    assert CANARY in message.get("NTE", 3)
    assert "UTFÖR EJ" in message.get("OBR", 13)


def test_an_order_is_never_urgent() -> None:
    assert built(TEMPLATE).get("ORC", 7, 6) == "R"
    assert built(replace(TEMPLATE, message_type="OMG^O19")).get("TQ1", 9) == "R"


def test_a_cancel_names_the_same_order_and_its_filler_number() -> None:
    data = cancel_order(TEMPLATE, placer=PLACER, filler="RIS77", control_id=CONTROL, now=NOW)
    message = split(data)
    assert message is not None
    assert message.get("ORC", 1) == "CA"
    assert message.get("ORC", 2) == PLACER
    assert message.get("ORC", 3) == message.get("OBR", 3) == "RIS77"


def test_letters_leave_in_the_promised_bytes() -> None:
    latin = new_order(TEMPLATE, placer=PLACER, control_id=CONTROL, now=NOW)
    utf8 = new_order(
        replace(TEMPLATE, charset="UNICODE UTF-8"), placer=PLACER, control_id=CONTROL, now=NOW
    )
    assert CANARY.encode(CHARSETS["8859/1"]) in latin
    assert CANARY.encode("utf-8") in utf8


@settings(max_examples=300, deadline=None)
@example(BLANK_STAMP)
@example(BLANKS[0])
@example(BLANKS[1])
@given(st.text(st.characters(min_codepoint=1, max_codepoint=0xFF), min_size=1, max_size=20))
def test_no_configured_text_can_add_a_segment_or_a_frame_byte(text: str) -> None:
    template = replace(TEMPLATE, sending_facility=text)
    if any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in text):
        with pytest.raises(UnsafeOrder, match="control character"):
            built(template)
        return
    if any(blank in text for blank in (*BLANKS, BLANK_STAMP)):
        with pytest.raises(UnsafeOrder, match="kept for our own numbers"):
            built(template)
        return
    escaped = sum(3 if letter in "|^~&\\" else 1 for letter in text)
    if escaped > 20:  # HD.1 holds at most 20 characters in 2.3.1
        with pytest.raises(UnsafeOrder, match="does not fit HL7"):
            built(template)
        return
    data = new_order(template, placer=PLACER, control_id=CONTROL, now=NOW)
    message = split(data)
    assert message is not None
    assert b"\x0b" not in data
    assert b"\x1c" not in data
    assert len(message.segments) == 6
    assert message.get("MSH", 4).strip() == text.strip()


@pytest.mark.parametrize("placer", ["", "WD 1", "WDÅ", "W" * 23, "WD|1"])
def test_a_placer_number_that_is_not_plain_is_refused(placer: str) -> None:
    with pytest.raises(UnsafeOrder, match="placer number"):
        new_order(TEMPLATE, placer=placer, control_id=CONTROL, now=NOW)


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("PROVREMISS ÅÄÖ åäö UTFÖR EJ", False),
        ("PROVREMISS ??? ??? UTF?R EJ", True),
        ("PROVREMISS Ã…Ã„Ã– Ã¥Ã¤Ã¶ UTFÃ–R EJ", True),
        ("PROVREMISS ���", None),  # cut off: says nothing
        ("Lungor", None),
        ("", None),
    ],
)
def test_damaged_letters_are_recognised(text: str, damaged: bool | None) -> None:
    assert canary_damaged(text) is damaged


@pytest.mark.parametrize("control", ["NW", "CA"])
@pytest.mark.parametrize("message_type", ["ORM^O01", "OMG^O19"])
def test_a_message_from_the_mould_is_the_message_that_hl7apy_builds(
    message_type: str, control: str
) -> None:
    from watchdog.hl7 import order as module  # noqa: PLC0415

    template = replace(TEMPLATE, message_type=message_type)
    numbers = ("WD0123456789ABCDEFGH", "F42" if control == "CA" else "", "WD0123456789ABCDEF")
    now = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    built = module._assembled(template, control, numbers, module._stamp(now))
    assert module._cast(template, control, numbers, now) == built
    assert not any(blank.encode() in built for blank in (*module.BLANKS, module.BLANK_STAMP))
