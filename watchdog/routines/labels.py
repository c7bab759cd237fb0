"""Headings and names of values as people read them, Swedish and English; data, not code."""

from enum import Enum, auto

from watchdog.model.instruction import Rank
from watchdog.model.outage import Urgency, Workflow
from watchdog.model.routine import AssumedHours, Audience, Hours, Span
from watchdog.model.text import Text

URGENCIES = {
    Urgency.VERY_URGENT: Text("mycket brådskande", "very urgent"),
    Urgency.URGENT: Text("akut", "urgent"),
    Urgency.NON_URGENT: Text("ej akut", "not urgent"),
}
WORKFLOWS = {
    Workflow.ELECTRONIC: Text("elektroniskt", "electronically"),
    Workflow.ELECTRONIC_AND_PHONE: Text("elektroniskt – och ring", "electronically – and ring"),
    Workflow.PAPER_AND_FAX: Text("papper och fax", "paper and fax"),
    Workflow.HOLD: Text("vänta", "wait"),
}
PLACES = {
    "ids7_web": Text("Sectra IDS7 web", "Sectra IDS7 web"),
    "modality": Text("på modaliteten", "at the modality"),
    "pacs": Text("PACS", "PACS"),
    "media": Text("skiva eller minneskort", "disc or memory card"),
    "picsara": Text("Picsara", "Picsara"),
    "bfr": Text("BFR", "BFR"),
    "none": Text("går inte att se", "cannot be seen"),
}
CHANNELS = {
    "electronic": Text("elektroniskt", "electronically"),
    "fax": Text("på fax", "by fax"),
    "oral": Text("muntligt", "orally"),
    "later": Text("senare", "later"),
}
RANKS = {
    Rank.SHOWN: Text("visad", "shown"),
    Rank.LIKELY: Text("trolig", "likely"),
    Rank.POSSIBLE: Text("möjlig", "possible"),
    Rank.RULED_OUT: Text("utesluten", "ruled out"),
}
AUDIENCES = {
    Audience.CLINIC: Text("kliniken", "clinic"),
    Audience.RADIOLOGY: Text("radiologin", "radiology"),
    Audience.EXTERNAL_READER: Text("extern granskare", "external reader"),
    Audience.IT: Text("IT", "IT"),
    Audience.ARCHIVE: Text("arkivet", "archive"),
    Audience.ALL: Text("alla", "everybody"),
}


class Heading(Enum):
    """Places in an instruction that need a word."""

    WORKFLOW = auto()
    FIRST = auto()
    STEPS = auto()
    PHONE = auto()
    MAIL = auto()
    ON_FORM = auto()
    IMAGES = auto()
    REPORT = auto()
    FORM = auto()
    ROUTE = auto()
    NO_ROUTE = auto()
    CAUSE = auto()
    ALREADY_SENT = auto()
    RECOVERY = auto()
    UNSAID = auto()
    WARNINGS = auto()
    DOCUMENT = auto()
    NO_IDENTITY = auto()
    OURS = auto()
    MANNED = auto()
    UNMANNED = auto()
    HOURS_UNSAID = auto()
    OPENS = auto()
    ASSUMED = auto()
    UNSAID_ASSUMED = auto()


HEADINGS = {
    Heading.WORKFLOW: Text("Så skickas remissen", "How the referral is sent"),
    Heading.FIRST: Text("Prova först", "Try first"),
    Heading.STEPS: Text("Gör så här", "Do this"),
    Heading.PHONE: Text("Telefon", "Telephone"),
    Heading.MAIL: Text("E-post", "E-mail"),
    Heading.ON_FORM: Text("Skriv på blanketten", "Write on the form"),
    Heading.IMAGES: Text("Bilder", "Images"),
    Heading.REPORT: Text("Svaret kommer", "The report comes"),
    Heading.FORM: Text("Blankett", "Form"),
    Heading.ROUTE: Text("Väg för bilder", "Way for images"),
    Heading.NO_ROUTE: Text("Stängd väg", "Closed way"),
    Heading.CAUSE: Text("Orsak", "Cause"),
    Heading.ALREADY_SENT: Text("Redan skickat", "Already sent"),
    Heading.RECOVERY: Text("När det fungerar igen", "When it works again"),
    Heading.UNSAID: Text("Det här säger rutinen inte", "What the routine does not say"),
    Heading.WARNINGS: Text("Att känna till om rutinen", "To know about the routine"),
    Heading.DOCUMENT: Text("Rutin", "Routine"),
    Heading.NO_IDENTITY: Text(
        "utan dokument-id; giltighet okänd", "no document id; validity unknown"
    ),
    Heading.OURS: Text("vårt råd, inte rutinens", "our advice, not the routine's"),
    Heading.MANNED: Text("bemannad nu", "manned now"),
    Heading.UNMANNED: Text("obemannad nu", "unmanned now"),
    Heading.HOURS_UNSAID: Text("rutinen anger inga tider", "the routine gives no hours"),
    Heading.OPENS: Text("bemannas", "manned from"),
    Heading.UNSAID_ASSUMED: Text(
        "rutinen säger inget; antaget", "the routine does not say; assumed"
    ),
    Heading.ASSUMED: Text("tiden är antagen", "the hour is assumed"),
}


def hours(found: Hours, assumed: AssumedHours) -> Text:
    """Opening hours in words; clock times that the routine does not state are called assumed."""
    start, until = found.start or assumed.day_start, found.until or assumed.day_end
    day = f"{start:%H:%M}–{until:%H:%M}"
    match found.span:
        case Span.ALWAYS:
            return Text("Dygnet runt.", "Day and night.")
        case Span.UNSTATED:
            return Text("Rutinen anger inga tider.", "The routine gives no hours.")
        case Span.CLOCK:
            clock = f"{found.start:%H:%M}–{found.until:%H:%M}"
            return Text(f"Klockan {clock}, alla dagar.", f"{clock}, every day.")
        case Span.DAYTIME if found.until is not None:
            return Text(
                f"Vardagar dagtid till {until:%H:%M} (start antagen {start:%H:%M}).",
                f"Weekdays in the daytime until {until:%H:%M} (start assumed {start:%H:%M}).",
            )
        case Span.DAYTIME:
            return Text(f"Vardagar dagtid (antaget {day}).", f"Weekdays, daytime (assumed {day}).")
        case Span.ON_CALL:
            return Text(
                f"Jourtid (antaget utanför {day}, helger).",
                f"On-call hours (assumed outside {day}, and free days).",
            )
        case Span.OFFICE_HOURS | Span.OUT_OF_OFFICE:
            office = f"{assumed.office_start:%H:%M}–{assumed.office_end:%H:%M}"
            inside = found.span is Span.OFFICE_HOURS
            return Text(
                f"{'Kontorstid' if inside else 'Utanför kontorstid'} (antaget {office}).",
                f"{'Office hours' if inside else 'Outside office hours'} (assumed {office}).",
            )
