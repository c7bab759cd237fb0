"""Which states of a site's systems are which scenario of its downtime routine: the tables.

One row per scenario, in the order in which a clinic must hear of them. `referrals` stands for the
site's watched paths: down while one of them is in a declared outage, which is proof beside which an
engine's good looks count for nothing. Source: the five routines; ids as in the seed facts.
"""

from dataclasses import dataclass

from watchdog.model.system import SystemState

REFERRALS = "referrals"
"""The referral path as a whole, as its detector sees it."""


@dataclass(frozen=True, slots=True)
class Is:
    """One system in one of these states."""

    system: str
    states: tuple[SystemState, ...] = (SystemState.DOWN,)


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = Is | AnyOf | AllOf | Not


@dataclass(frozen=True, slots=True)
class Rule:
    """A scenario, when it holds, and where the routine says so."""

    scenario: str
    when: Condition
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteRules:
    """The systems of a site that its routine speaks of, and its scenarios."""

    systems: tuple[str, ...]
    rules: tuple[Rule, ...]
    silent_on: tuple[str, ...] = ()
    """Systems whose failure alone the routine does not describe."""


def down(*systems: str) -> Condition:
    """Any of these is down."""
    parts = tuple(Is(system) for system in systems)
    return parts[0] if len(parts) == 1 else AnyOf(parts)


_NO_REFERRALS = down(REFERRALS, "order_management", "sectra_ris")
_NO_IMAGES = down("sectra_pacs")
_MELIOR_GONE = down("melior")

RULES: dict[str, SiteRules] = {
    "sas": SiteRules(
        systems=(REFERRALS, "order_management", "sectra_ris", "sectra_pacs", "ids7_web", "asynja"),
        rules=(
            # OM or RIS down while the images cannot be read either: the routine's third scenario,
            # for the second one sends people to IDS7 web, where nothing would be (S0-19, S0-23)
            Rule(
                "total_outage",
                AllOf((_NO_REFERRALS, down("sectra_pacs", "ids7_web"))),
                ("S0-21", "S0-23"),
            ),
            Rule("om_or_ris_down", _NO_REFERRALS, ("S0-15", "S0-40")),
            Rule("pacs_down", _NO_IMAGES, ("S0-11", "S0-12")),
        ),
        silent_on=("ids7_web", "asynja"),
    ),
    "halland": SiteRules(
        systems=(REFERRALS, "vas", "biztalk", "sectra_ris", "sectra_pacs"),
        rules=(
            # what the clinic sees is the same whichever hop took the referral: sent, not arrived
            Rule("engine_down", down(REFERRALS, "biztalk"), ("S1-01", "S1-03")),
        ),
        silent_on=("vas", "sectra_ris", "sectra_pacs"),
    ),
    "nal": SiteRules(
        systems=("sectra_ris", "sectra_pacs", "mei", "image_transfer", "syngo_via", "bfr"),
        rules=(
            Rule("ris_or_mei_down", down("sectra_ris", "mei"), ("S2-08", "S2-11")),
            Rule("image_transfer_down", down("image_transfer", "sectra_pacs"), ("S2-02", "S2-08")),
        ),
        silent_on=("syngo_via", "bfr"),
    ),
    "kronoberg": SiteRules(
        systems=("gateway_z97117", "gateway_z83680", "network", "skane", "inbound"),
        rules=(
            Rule("outbound_z97117_down", down("gateway_z97117"), ("S3-28", "S3-29")),
            Rule("outbound_z83680_down", down("gateway_z83680"), ("S3-32", "S3-33")),
            # only where our own side is well: else it is we who cannot send (S3-17 to S3-22)
            Rule(
                "outbound_skane_cannot_receive",
                AllOf((down("skane"), Not(down("gateway_z97117", "gateway_z83680", "network")))),
                ("S3-36",),
            ),
            # the receiving computers are the same two machines (S3-40)
            Rule("inbound_down", down("inbound", "gateway_z97117", "gateway_z83680"), ("S3-41",)),
        ),
        silent_on=("network",),
    ),
    "su": SiteRules(
        systems=("melior", "picsara"),
        rules=(
            Rule("melior_down", _MELIOR_GONE, ("S4-09",)),
            # with Melior gone Picsara cannot be reached anyway: one cause, one scenario (H24)
            Rule("picsara_down", AllOf((down("picsara"), Not(_MELIOR_GONE))), ("S4-12",)),
            Rule(
                "melior_read_only",
                AllOf((Is("melior", (SystemState.READ_ONLY,)), Not(down("picsara")))),
                ("S4-08",),
            ),
        ),
    ),
}
"""Every site of the seeds; other sites have the scenario that their path names."""
