"""State to workflow: the table of design decisions, section 1, and the banner above it. Pure."""

from datetime import datetime

from watchdog.detection.effective import Effective
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.incident import Incident
from watchdog.model.instruction import Instruction
from watchdog.model.outage import Reason, State, Urgency, Workflow
from watchdog.model.routine import Routine
from watchdog.model.site import GroupConfig, Watched
from watchdog.model.text import Text

SEVERITY = {
    State.NORMAL: "none",
    State.DEGRADED: "minor",
    State.RECOVERING: "minor",
    State.MAINTENANCE: "minor",
    State.UNKNOWN: "major",
    State.OUTAGE: "critical",
}


def follows_routine(effective: Effective, incident: Incident | None) -> bool:
    """True once paper has begun: an outage whose hold-off has passed."""
    return (
        effective.state is State.OUTAGE and incident is not None and incident.advised_at is not None
    )


def workflow(
    effective: Effective, incident: Incident | None, urgency: Urgency, instructed: Workflow
) -> Workflow:
    """How a referral of this urgency is sent now; `instructed` is what the routine says."""
    waits = urgency is Urgency.NON_URGENT
    match effective.state:
        case State.NORMAL | State.DEGRADED | State.MAINTENANCE:
            return Workflow.ELECTRONIC
        case State.OUTAGE if follows_routine(effective, incident):
            return instructed
        case State.RECOVERING if not effective.stale:
            return Workflow.ELECTRONIC if waits else Workflow.ELECTRONIC_AND_PHONE
        case _:
            return Workflow.HOLD if waits else Workflow.ELECTRONIC_AND_PHONE


def workflow_of(
    watched: Watched,
    routine: Routine,
    effective: Effective,
    incident: Incident | None,
    told: Instruction,
) -> Workflow:
    """As `workflow`; a group whose chapters never change how referrals go never changes it either."""
    if isinstance(watched, GroupConfig):
        ways = [routine.scenarios[name].workflow[told.urgency] for name in watched.scenarios]
        if all(way is Workflow.ELECTRONIC for way in ways):
            return Workflow.ELECTRONIC
    return workflow(effective, incident, told.urgency, told.workflow)


def headline_of(
    watched: Watched, effective: Effective, incident: Incident | None, instructed: Text
) -> Text:
    """As `headline`, in words that fit what is watched."""
    if not isinstance(watched, GroupConfig) or follows_routine(effective, incident):
        return headline(effective, incident, instructed)
    if effective.reason is Reason.CLEARED_BY_HAND:
        return Text(
            "Avblåst för hand mot mätningen. Fråga innan du litar på systemen.",
            "Cleared by hand against the probes. Ask before you rely on the systems.",
        )
    return _OF_GROUP[effective.state]


_OF_GROUP = {
    State.NORMAL: Text(
        "Systemen fungerar. Arbeta som vanligt.", "The systems work. Go on as usual."
    ),
    State.DEGRADED: Text(
        "Ett system är stört, och rutinen säger inte vad som gäller: fråga.",
        "A system is disturbed, and the routine does not say what applies: ask.",
    ),
    State.OUTAGE: Text(
        "Ett system ligger nere. Besked om reservrutin kommer strax.",
        "A system is down. Word of the downtime routine comes shortly.",
    ),
    State.RECOVERING: Text(
        "Systemen svarar igen. Fortsätt enligt reservrutinen tills det är klart.",
        "The systems answer again. Keep to the downtime routine until the all-clear.",
    ),
    State.MAINTENANCE: Text("Planerat underhåll pågår.", "Planned maintenance is under way."),
    State.UNKNOWN: Text(
        "Läget är okänt. Kontrollera innan du litar på systemen.",
        "The state is unknown. Check before you rely on the systems.",
    ),
}


def headline(effective: Effective, incident: Incident | None, instructed: Text) -> Text:
    """One line of at most 90 characters for the clinic's banner."""
    match effective.state:
        case State.NORMAL:
            return Text("Skicka remisser elektroniskt som vanligt.", "Send referrals as usual.")
        case State.DEGRADED:
            return _degraded(effective.reason)
        case State.OUTAGE if follows_routine(effective, incident):
            return instructed
        case State.OUTAGE:
            return Text(
                "Remisser kommer inte fram. Akuta: skicka och ring. Övriga: vänta.",
                "Referrals do not arrive. Urgent: send and ring. Others: wait.",
            )
        case State.RECOVERING if effective.reason is Reason.CLEARED_BY_HAND:
            return Text(
                "Avblåst för hand mot mätningen. Akuta: skicka och ring. Skicka inget på nytt.",
                "Cleared by hand against the probes. Urgent: send and ring. Send nothing twice.",
            )
        case State.RECOVERING if not effective.stale:
            return Text(
                "Remisser kommer fram igen. Akuta: skicka och ring. Skicka inget på nytt.",
                "Referrals arrive again. Urgent: send and ring. Send nothing a second time.",
            )
        case State.MAINTENANCE:
            return Text("Planerat underhåll pågår.", "Planned maintenance is under way.")
        case _:
            return Text(
                "Läget är okänt. Akuta: skicka och ring. Övriga: vänta.",
                "The state is unknown. Urgent: send and ring. Others: wait.",
            )


def clock_time(moment: datetime | None) -> str:
    """HH:MM in Swedish time, or a question mark."""
    return f"{moment.astimezone(STOCKHOLM):%H:%M}" if moment else "?"


def _degraded(reason: Reason) -> Text:
    if reason is Reason.TEXT_DAMAGE:
        return Text(
            "Remisser kommer fram, men å, ä och ö kan vara skadade.",
            "Referrals arrive, but Swedish letters may be damaged.",
        )
    return Text(
        "Skicka som vanligt. Remisser kan dröja; läget bevakas.",
        "Send as usual. Referrals may be late; the path is watched.",
    )
