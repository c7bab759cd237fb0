"""Why, in sentences: for the nurse and for the auditor, from the decision's own numbers."""

import math

from watchdog.model.outage import LOSSES, Grounds, Reason
from watchdog.model.text import Text

SHORT: dict[Reason, Text] = {
    Reason.ARRIVING: Text("Remisser kommer fram i normal tid.", "Orders arrive in normal time."),
    Reason.STARTING: Text(
        "Övervakningen har just startat; ingen provremiss har hunnit komma fram.",
        "The watchdog has just started; no test order has arrived yet.",
    ),
    Reason.SUSPECTED: Text("Provremisser dröjer.", "Test orders are late."),
    Reason.NOT_ARRIVING: Text("Remisser kommer inte fram.", "Orders do not arrive."),
    Reason.REFUSED: Text("Mottagaren tar inte emot remisser.", "The receiver refuses connections."),
    Reason.PARTIAL_LOSS: Text("En del av remisserna försvinner.", "A share of the orders is lost."),
    Reason.SENDER_LOSS: Text(
        "En del av remisserna från en avsändare försvinner.",
        "A share of one sender's orders is lost.",
    ),
    Reason.OVERDUE: Text(
        "En remiss saknas längre än den längsta tillåtna tiden.",
        "An order has been missing longer than any may be.",
    ),
    Reason.SLOW: Text(
        "Remisser kommer fram, men senare än vanligt.", "Orders arrive, but later than usual."
    ),
    Reason.TEXT_DAMAGE: Text(
        "Remisser kommer fram, men å, ä och ö är skadade.",
        "Orders arrive, but with damaged Swedish letters.",
    ),
    Reason.PROBE_REJECTED: Text(
        "En provremiss avvisades; sändningen är stoppad tills en person återupptar den.",
        "A test order was rejected; sending is stopped until a person resumes it.",
    ),
    Reason.ARRIVING_AGAIN: Text("Remisser kommer fram igen.", "Orders arrive again."),
    Reason.BLIND: Text(
        "Övervakningen ser inget; inget kan sägas om remissvägen.",
        "The watchdog cannot see; nothing can be said about the path.",
    ),
    Reason.READERS_BLIND: Text(
        "Övervakningen kan inte läsa i RIS; om remisser kommer fram är okänt.",
        "The watchdog cannot read the RIS; whether orders arrive is unknown.",
    ),
    Reason.NOT_PROBED: Text(
        "Ingen remiss har setts komma fram på länge.",
        "No order has been seen to arrive for a long time.",
    ),
    Reason.NOT_EVALUATED: Text(
        "Övervakningen har inte räknat om läget i tid.",
        "The watchdog has not evaluated the path in time.",
    ),
    Reason.UNVERIFIED: Text(
        "Ingen avläsning i RIS är inrättad för vägen.",
        "No reader in the RIS is configured for the path.",
    ),
    Reason.DECLARED_BY_HAND: Text("Driftstopp utlyst av person.", "Outage declared by a person."),
    Reason.DISAGREEMENT: Text(
        "En annan övervakare ser att remisser inte kommer fram.",
        "Another watchdog sees that orders do not arrive.",
    ),
    Reason.MAINTENANCE: Text(
        "Planerat underhåll pågår; remisser kommer fram.",
        "Planned maintenance is under way; orders arrive.",
    ),
    Reason.SYSTEM_WORKS: Text("Systemen svarar som de ska.", "The systems answer as they should."),
    Reason.SYSTEM_BACK: Text("Systemen svarar igen.", "The systems answer again."),
    Reason.SYSTEM_DOWN: Text("Ett system ligger nere.", "A system is down."),
    Reason.SYSTEM_UNSTATED: Text(
        "Ett system ligger nere, och rutinen säger inte vad som då gäller.",
        "A system is down, and the routine does not say what then applies.",
    ),
    Reason.SYSTEM_UNKNOWN: Text(
        "Alla system går inte att se; läget är okänt.",
        "Not every system can be seen; the state is unknown.",
    ),
    Reason.CLEARED_BY_HAND: Text("Avblåst av person.", "Cleared by a person."),
}


def why(reason: Reason, grounds: Grounds, now: float) -> Text:
    """The reason as one or two sentences with its numbers."""
    text = SHORT[reason]
    if reason in (Reason.NOT_ARRIVING, Reason.REFUSED, Reason.SUSPECTED):
        return _missing(text, grounds, now)
    if reason in LOSSES:
        return _share(text, grounds)
    if reason is Reason.ARRIVING_AGAIN and grounds.fresh:
        return Text(
            f"{text.sv} {grounds.fresh} i rad, sända under {grounds.span_s:.0f} s.",
            f"{text.en} {grounds.fresh} in a row, sent over {grounds.span_s:.0f} s.",
        )
    return text


def chance(grounds: Grounds) -> Text:
    """For the auditor: how often a healthy path looks like this, the limit, and that we could see."""
    seen = max(grounds.evidence_nats, grounds.partial_nats)
    often, limit = _one_in(seen), _one_in(grounds.limit_nats)
    sv = f"På en frisk väg sker detta en gång av {often}, även när den är långsam; gräns {limit}."
    en = f"On a healthy path this happens once in {often}, even when it is slow; limit {limit}."
    if grounds.control_age_s is not None:
        sv += f" Kontrollsonden lyckades för {grounds.control_age_s:.0f} s sedan."
        en += f" The control probe passed {grounds.control_age_s:.0f} s ago."
    return Text(sv, en)


def _one_in(nats: float) -> str:
    return f"{math.exp(min(nats, 60)):.2g}"


def _share(text: Text, grounds: Grounds) -> Text:
    if not grounds.lost:
        return text
    if grounds.finished == 1:
        return Text(f"{text.sv} Den senaste saknas.", f"{text.en} The last one is missing.")
    verb = "is" if grounds.lost == 1 else "are"
    return Text(
        f"{text.sv} {grounds.lost} av de {grounds.finished} senaste saknas.",
        f"{text.en} {grounds.lost} of the last {grounds.finished} {verb} missing.",
    )


def _missing(text: Text, grounds: Grounds, now: float) -> Text:
    probes, real = grounds.missing_probes, grounds.missing_real
    if probes + real == 0:
        return text
    ours, theirs = _ours(probes), _theirs(real, alone=not probes)
    if probes and real:
        who = Text(f"{ours.sv} och {theirs.sv}", f"{ours.en} and {theirs.en}")
    else:
        who = ours if probes else theirs
    verb = "is" if probes + real == 1 else "are"
    last_sv = last_en = ""
    if grounds.life_mono is not None:
        age = now - grounds.life_mono
        last_sv = f" Den senaste som kom fram sändes för {age:.0f} s sedan."
        last_en = f" The last one known to arrive was sent {age:.0f} s ago."
    return Text(
        f"{text.sv}{last_sv} {who.sv} saknas.", f"{text.en}{last_en} {who.en} {verb} missing."
    )


def _ours(count: int) -> Text:
    if count == 1:
        return Text("1 provremiss", "1 test order")
    return Text(f"{count} provremisser", f"{count} test orders")


def _theirs(count: int, *, alone: bool) -> Text:
    if count == 1:
        return Text("1 riktig remiss", "1 real order") if alone else Text("1 riktig", "1 real one")
    if alone:
        return Text(f"{count} riktiga remisser", f"{count} real orders")
    return Text(f"{count} riktiga", f"{count} real ones")
