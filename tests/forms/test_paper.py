"""The sheets as a printer, a fax machine and a scanner meet them."""

from datetime import UTC, datetime

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from watchdog.forms.issue import form_pdf
from watchdog.forms.layout import CARD, FORMS, SHEETS
from watchdog.forms.serial import printed, serial
from watchdog.model.instruction import Clinic
from watchdog.model.text import Text
from watchdog.routines import library

ROUTINES = library.read(None, {})
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
NUMBER = serial("boras_emergency", 28000000, 7)
UNITS = {
    "sas": "radiology_skene",
    "halland": "halmstad_plan_2",
    "nal": "nal_radiology",
    "kronoberg": "radiology_ljungby",
    "su": "picsara_management",
}


def clinic(site: str) -> Clinic:
    return Clinic(
        id="boras_emergency",
        name=Text("Akutmottagningen Å & Ö", "Emergency"),
        hsa_id="SE1",
        site=site,
        path="p",
        unit=UNITS[site],
        units=(),
        record_system="om",
        reply_fax="033-616 00 00",
    )


def drawn(form: str, site: str = "sas", **more) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(
        form_pdf(form, ROUTINES[site], clinic(site), [NUMBER], NOW, **more)
    )


def text(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_bounded().replace("\r\n", "\n")


def codes(image: Image.Image) -> set[tuple[str, str]]:
    return {(str(found.format), found.text) for found in zxingcpp.read_barcodes(image)}


def faxed(page: pypdfium2.PdfPage) -> Image.Image:
    """As a standard fax sends it: 204 x 98 dots an inch, black or white."""
    page_408 = page.render(scale=408 / 72).to_pil().convert("L")
    size = (page_408.width // 2, round(page_408.height * 98 / 408))
    sent = page_408.resize(size, Image.Resampling.BOX).convert("1", dither=Image.Dither.NONE)
    return sent.convert("L").resize((size[0], round(size[1] * 204 / 98)), Image.Resampling.NEAREST)


@pytest.mark.parametrize("form", SHEETS)
def test_both_codes_and_the_text_hold_the_serial_number_even_after_a_fax(form: str) -> None:
    document = drawn(form)
    assert len(document) == len(SHEETS[form])
    for page in document:
        assert printed(NUMBER) in text(page)
        both = {("QR Code", NUMBER), ("Code 128", NUMBER)}
        assert codes(page.render(scale=200 / 72).to_pil()) == both
        assert codes(faxed(page)) == both
        assert (round(page.get_width()), round(page.get_height())) == (595, 842)  # A4


@pytest.mark.parametrize("form", FORMS)
def test_every_font_that_writes_text_is_embedded(form: str) -> None:
    body = form_pdf(form, ROUTINES["sas"], clinic("sas"), [NUMBER], NOW, fillable=False)
    assert b"/FontFile2" in body
    assert body.count(b"/Subtype /TrueType") >= 1


def test_a_paper_referral_carries_units_and_numbers_and_no_patient() -> None:
    said = text(drawn("paper_referral")[0])
    for expected in (
        "radiologin i Skene",
        "0320- 77 90 71",
        "Akutmottagningen Å & Ö",
        "033-616 00 00",
        "Även skickad elektroniskt: JA",
        "Händelsenummer",
        "SAS9631-514148307-207 1.0",
    ):
        assert expected in said
    assert "inc_" not in said
    assert "inc_0199" in text(drawn("paper_referral", incident="inc_0199")[0])


def test_an_odd_number_is_printed_with_its_warning() -> None:
    assert "035-44 72 1 KONTROLLERA" in text(drawn("paper_referral", "halland")[0])


def test_the_record_form_asks_for_everything_that_must_be_entered_later() -> None:
    said = text(drawn("exam_record_form", "halland")[0])
    for field in (
        "Personnummer som inskrivet",
        "accessionsnummer",
        "Sida",
        "Start, klockslag",
        "Slut, klockslag",
        "Modalitet",
        "Utförd av",
        "Kontrastmedel",
        "Stråldos",
        "Antal bilder",
    ):
        assert field in said  # S1-25


def test_the_faxed_sheet_has_no_place_for_an_identity_and_the_same_code() -> None:
    stays, goes = drawn("deidentified_sheets", "nal")
    assert "Personnummer" in text(stays)
    assert "STANNAR HOS RADIOLOGIN" in text(stays).replace("\n", " ")
    empty = text(goes).replace("Inget namn, inget personnummer.", "")
    assert "ersonnummer" not in empty
    assert "Namn" not in empty
    assert "+46 31 745 96 10" in empty
    assert printed(NUMBER) in text(stays)
    assert printed(NUMBER) in text(goes)


def test_an_open_sheet_shows_no_number_that_is_for_staff() -> None:
    said = " ".join(text(page) for page in drawn("deidentified_sheets", "nal", staff=False))
    assert "745 96 10" not in said
    assert "0320- 77 90 71" in text(drawn("paper_referral", staff=False)[0])


def test_fillable_sheets_have_fields_and_blank_ones_have_none() -> None:
    filled, blank = drawn("paper_referral", fillable=True), drawn("paper_referral")
    filled.init_forms()
    assert filled.get_formtype() != 0
    assert blank.get_formtype() == 0


def test_it_is_black_and_white() -> None:
    colours = drawn("paper_referral")[0].render(scale=1).to_pil().convert("RGB").getcolors(70000)
    assert colours is not None
    assert all(r == g == b for _, (r, g, b) in colours)


@pytest.mark.parametrize("site", sorted(ROUTINES))
def test_a_wall_card_holds_every_chapter_and_only_open_numbers(site: str) -> None:
    said = " ".join(text(page) for page in drawn(CARD, site)).replace("\n", " ")
    for rules in ROUTINES[site].scenarios.values():
        assert rules.headline.sv in said
    for contact in ROUTINES[site].contacts:
        is_open = "clinic" in contact.audiences
        assert (contact.number in said) is is_open


def test_the_same_input_gives_the_same_bytes() -> None:
    first, again = (
        form_pdf("paper_referral", ROUTINES["sas"], clinic("sas"), [NUMBER], NOW) for _ in "ab"
    )
    assert first == again
