"""The synthetic order and its cancel as HL7 messages: ORM^O01 2.3.1 and OMG^O19 2.5.1.

The only module that knows hl7apy. Built at level STRICT; every text is escaped and refused if it
holds a control character (threats T01, T02). hl7apy's `validate()` fails a correct ORM^O01
2.3.1 (order-path.md, 3.2) and is therefore not asked.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast
from zoneinfo import ZoneInfo

from hl7apy.consts import VALIDATION_LEVEL  # pyright: ignore[reportMissingTypeStubs]
from hl7apy.core import Message  # pyright: ignore[reportMissingTypeStubs]
from hl7apy.exceptions import HL7apyException  # pyright: ignore[reportMissingTypeStubs]

from watchdog.errors import UnsafeOrder
from watchdog.hl7.splitter import CHARSETS
from watchdog.orders.identity import Identity

STOCKHOLM = ZoneInfo("Europe/Stockholm")
MARK = "PROVREMISS"
CANARY = "ÅÄÖ åäö"
"""Swedish letters that arrive damaged when a hop converts the character set wrongly."""
SHORT_TEXT = f"{MARK} {CANARY} UTFÖR EJ"
"""Read back by every arrival reader that shows a text."""
DO_NOT_PERFORM = f"{SHORT_TEXT}, BOKA EJ: AUTOMATISK ÖVERVAKNING"
PLACER_MOST, CONTROL_MOST = 22, 20
FIRST_PRINTABLE, DELETE = 0x20, 0x7F
BLANKS = ("QZPLACERZQ0000000000QZ", "QZFILLERZQ00QZ", "QZCONTROLZQ000000QZ")
"""Placer, filler and control id of a mould; no template holds such a text (checked when made)."""
BLANK_STAMP = "19010101000000+0000"
VERSIONS = {"ORM^O01": "2.3.1", "OMG^O19": "2.5.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything of a synthetic order that is the same for each one of a path."""

    message_type: str
    """`ORM^O01` (2.3.1) or `OMG^O19` (2.5.1)."""
    charset: str
    """MSH-18, HL7 table 0211: `8859/1` or `UNICODE UTF-8`."""
    sending_application: str
    sending_facility: str
    receiving_application: str
    receiving_facility: str
    processing: str
    """MSH-11, HL7 table 0103: T, or P where the approval says so. A hint, never a barrier."""
    identity: Identity
    code: str
    """OBR-4.1: a dedicated code that the RIS files apart."""
    code_system: str
    orderer: str
    """ORC-12: a function, never a person."""
    entering: str
    """ORC-17."""


def new_order(template: Template, *, placer: str, control_id: str, now: datetime) -> bytes:
    """The NW message in the template's character set."""
    return _build(template, "NW", placer=placer, filler="", control_id=control_id, now=now)


def cancel_order(
    template: Template, *, placer: str, filler: str, control_id: str, now: datetime
) -> bytes:
    """The CA message for an order that was proven to have arrived; `filler` as learned, or empty."""
    return _build(template, "CA", placer=placer, filler=filler, control_id=control_id, now=now)


def escape(text: str) -> str:
    """HL7 escapes for every delimiter. UnsafeOrder for a control character."""
    if any(ord(letter) < FIRST_PRINTABLE or ord(letter) == DELETE for letter in text):
        raise UnsafeOrder(
            "A text for a synthetic order holds a control character: it could end the segment or "
            "the MLLP frame. Nothing was sent; correct the template in the configuration."
        )
    for letter, name in (("\\", "E"), ("|", "F"), ("^", "S"), ("&", "T"), ("~", "R")):
        text = text.replace(letter, f"\\{name}\\")
    return text


def _build(
    template: Template, control: str, *, placer: str, filler: str, control_id: str, now: datetime
) -> bytes:
    for name, value, most in (
        ("placer number", placer, PLACER_MOST),
        ("control id", control_id, CONTROL_MOST),
    ):
        if not value.isascii() or not value.isalnum() or not 0 < len(value) <= most:
            raise UnsafeOrder(f"The {name} must be 1 to {most} ASCII letters and digits.")
    numbers = (placer, filler, control_id)
    try:
        if filler.isascii() and (filler.isalnum() or not filler):
            return _cast(template, control, numbers, now)
        return _assembled(template, control, numbers, _stamp(now))
    except HL7apyException as error:
        raise UnsafeOrder(
            f"The order template does not fit HL7 {VERSIONS[template.message_type]}: {error}"
        ) from None


def _cast(template: Template, control: str, numbers: tuple[str, str, str], now: datetime) -> bytes:
    """The message from a mould that hl7apy built once: only letters and digits are put in."""
    mould = _mould(template, control, with_filler=bool(numbers[1]))
    for blank, value in zip(BLANKS, numbers, strict=True):
        mould = mould.replace(blank.encode(), value.encode())
    return mould.replace(BLANK_STAMP.encode(), _stamp(now).encode())


@lru_cache(maxsize=4000)
def _mould(template: Template, control: str, *, with_filler: bool) -> bytes:
    """A whole message with blanks for its numbers and its time; building one takes 5 ms."""
    if any(blank in repr(template) for blank in (*BLANKS, BLANK_STAMP)):
        raise UnsafeOrder("The order template holds a text that is kept for our own numbers.")
    placer, filler, control_id = BLANKS
    numbers = (placer, filler if with_filler else "", control_id)
    return _assembled(template, control, numbers, BLANK_STAMP)


def _stamp(now: datetime) -> str:
    return now.astimezone(STOCKHOLM).strftime("%Y%m%d%H%M%S%z")


def _assembled(
    template: Template, control: str, numbers: tuple[str, str, str], stamp: str
) -> bytes:
    placer, filler, control_id = numbers
    version = VERSIONS[template.message_type]
    structure = template.message_type.replace("^", "_")
    message = cast(
        "Any", Message(structure, version=version, validation_level=VALIDATION_LEVEL.STRICT)
    )
    _header(message.msh, template, control_id, stamp)
    patient = message.add_group(f"{structure}_PATIENT")
    _patient(patient.pid, template.identity, version)
    visit = patient.add_group(f"{structure}_PATIENT_VISIT").pv1
    visit.pv1_2 = "O"
    visit.pv1_19.cx_1 = placer
    order = message.add_group(f"{structure}_ORDER")
    _common(order.orc, template, (control, placer, filler), stamp)
    if template.message_type == "ORM^O01":
        order.orc.orc_7.tq_6 = "R"
        detail = order.add_group("ORM_O01_ORDER_DETAIL")
        obr = detail.add_group("ORM_O01_CHOICE").obr
        note = detail.add_segment("NTE")
    else:
        order.add_group("OMG_O19_TIMING").tq1.tq1_9.cwe_1 = "R"
        obr = order.obr
        note = order.add_segment("NTE")
    _detail(obr, template, placer, filler)
    note.nte_1 = "1"
    note.nte_3 = escape(DO_NOT_PERFORM)
    return message.to_er7().encode(CHARSETS[template.charset])


def _header(msh: Any, template: Template, control_id: str, stamp: str) -> None:
    msh.msh_3.hd_1 = escape(template.sending_application)
    msh.msh_4.hd_1 = escape(template.sending_facility)
    msh.msh_5.hd_1 = escape(template.receiving_application)
    msh.msh_6.hd_1 = escape(template.receiving_facility)
    msh.msh_7 = stamp
    msh.msh_9 = f"{template.message_type}^{template.message_type.replace('^', '_')}"
    msh.msh_10 = control_id
    msh.msh_11 = template.processing
    msh.msh_18 = template.charset


def _patient(pid: Any, identity: Identity, version: str) -> None:
    pid.pid_1 = "1"
    pid.pid_3.cx_1 = escape(identity.number)
    pid.pid_3.cx_4.hd_2 = identity.oid
    pid.pid_3.cx_4.hd_3 = "ISO"
    name = pid.pid_5
    if version == "2.3.1":
        name.xpn_1 = escape(identity.family)
    else:
        name.xpn_1.fn_1 = escape(identity.family)
    name.xpn_2 = escape(identity.given)
    pid.pid_7 = identity.born
    pid.pid_8 = identity.sex


def _common(orc: Any, template: Template, numbers: tuple[str, str, str], stamp: str) -> None:
    control, placer, filler = numbers
    orc.orc_1 = control
    orc.orc_2.ei_1 = placer
    if filler:
        orc.orc_3.ei_1 = escape(filler)
    orc.orc_9 = stamp
    orc.orc_12.xcn_1 = escape(template.orderer)
    orc.orc_17.ce_1 = escape(template.entering)


def _detail(obr: Any, template: Template, placer: str, filler: str) -> None:
    obr.obr_1 = "1"
    obr.obr_2.ei_1 = placer
    if filler:
        obr.obr_3.ei_1 = escape(filler)
    obr.obr_4.ce_1 = escape(template.code)
    obr.obr_4.ce_2 = escape(SHORT_TEXT)
    obr.obr_4.ce_3 = escape(template.code_system)
    obr.obr_13 = escape(DO_NOT_PERFORM)
    obr.obr_16.xcn_1 = escape(template.orderer)
    obr.obr_24 = "OT"
    if template.message_type == "ORM^O01":
        obr.obr_27.tq_6 = "R"


def canary_damaged(text: str) -> bool | None:
    """True if a text that should carry the canary has lost or changed its Swedish letters.

    None: a text without our mark (the reader shows another field), or cut off behind it, says nothing.
    """
    _, mark, rest = text.partition(f"{MARK} ")
    if not mark or len(rest) < len(CANARY):
        return None
    return not rest.startswith(CANARY)
