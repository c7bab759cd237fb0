"""Our own words around a routine's, in Swedish and English; data, not code.

Each is marked `ours` where it is shown: the routine does not say it. Steps keep to 140 characters.
"""

from dataclasses import dataclass

from watchdog.model.text import Text


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence with places to fill, `{}`."""

    sv: str
    en: str

    def filled(self, sv: str, en: str) -> Text:
        return Text(self.sv.format(sv), self.en.format(en))


def join(*parts: Text) -> Text:
    """Sentences after each other."""
    return Text(" ".join(p.sv for p in parts), " ".join(p.en for p in parts))


# ---- before faxing
NO_FAX = Text(
    "Rutinen anger inget faxnummer hit. Faxa inte på måfå.",
    "The routine gives no fax number for this. Do not guess one.",
)
RING_FIRST = Phrase(
    "Faxen hos {} är obemannad nu. Ring{{}} först och fråga vart ni ska faxa.",
    "The fax of {} is unmanned now. Ring{{}} first and ask where to fax.",
)
NOBODY_TO_RING = Phrase(
    "Faxen hos {} är obemannad nu, och rutinen anger inget nummer att ringa.",
    "The fax of {} is unmanned now, and the routine gives no number to ring.",
)
NOT_ACKNOWLEDGED = Text(
    "Mottagande enhet har inte kvitterat. Ring innan ni faxar.",
    "The receiving unit has not acknowledged. Ring before you fax.",
)
VERIFY_NUMBER = Phrase(
    "Faxnumret {} ser felskrivet ut: låt någon kontrollera det innan ni faxar.",
    "The fax number {} looks misprinted: have somebody verify it before you fax.",
)
NO_HOURS = Text(
    "Rutinen säger inte när faxen är bemannad: försäkra er om att någon tar emot.",
    "The routine does not say when the fax is manned: make sure that somebody receives it.",
)

# ---- why this telephone
WHY_CLOCK = Phrase(
    "Gäller klockan {} och ersätter jourtidens nummer.",
    "In force {}, in place of the on-call numbers.",
)
WHY_DAYTIME = Text("Gäller dagtid på vardagar.", "In force in the daytime on weekdays.")
WHY_ON_CALL = Text("Gäller jourtid.", "In force in on-call hours.")
WHY_OFFICE = Text("Gäller kontorstid.", "In force in office hours.")
WHY_OUT_OF_OFFICE = Text("Gäller utanför kontorstid.", "In force outside office hours.")
WHY_ALWAYS = Text("Gäller dygnet runt.", "In force day and night.")
WHY_UNSTATED = Text("Rutinen anger ingen tid.", "The routine states no hours.")
NEAR_BOUNDARY = Text(
    "Nära ett antaget klockslag: svarar ingen, ta det andra numret.",
    "Close to an assumed hour: if nobody answers, take the other number.",
)

# ---- image transfer
BLOCKED_SINCE = Phrase(
    "Anges som ur funktion sedan {}; gäller tills en person har kontrollerat.",
    "Stated as not working since {}; stands until a person has checked.",
)
ONLY_FOR = Phrase("Rutinen ger den vägen bara till {}.", "The routine gives this way to {} only.")
IS_DOWN = Phrase("{} fungerar inte.", "{} does not work.")
NOT_CHECKED = Text("Inte kontrollerad av övervakningen.", "Not checked by the watchdog.")

# ---- the document itself
EXPIRED = Phrase(
    "Rutinens giltighet gick ut {}. Kontrollera att den ännu gäller.",
    "The routine's validity ended {}. Check that it still applies.",
)

EXPIRES = Phrase(
    "Rutinens giltighet går ut {}. Be ägaren förnya den.",
    "The routine's validity ends {}. Ask its owner to renew it.",
)

# ---- oddities of a number, by flag
FLAGS = {
    "internal_short": Text(
        "Internt kortnummer: går bara från sjukhusets egna telefoner.",
        "An internal short number: works from the hospital's own telephones only.",
    ),
    "too_few_digits": Text(
        "Ser avhugget eller felskrivet ut: kontrollera det.",
        "Looks truncated or misprinted: verify it.",
    ),
    "foreign": Text("Utländskt landsnummer.", "A foreign country code."),
    "type_mismatch": Text(
        "Är ett mobilnummer, men kallas fast telefoni eller fax.",
        "Is a mobile number, but called fixed telephony or fax.",
    ),
    "odd_grouping": Text(
        "Riktnumret är felgrupperat; siffrorna är som i rutinen.",
        "The area code is grouped oddly; the digits are the routine's.",
    ),
    "invalid": Text("Finns inte i nummerplanen.", "Not in the numbering plan."),
    "other_unit_call_first": Text(
        "Annan mottagning: ring innan ni faxar.", "Another unit: ring before you fax."
    ),
}
