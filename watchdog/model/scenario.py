"""Names of the scenarios of the five routines (design decisions, section 1)."""

SCENARIOS: dict[str, tuple[str, ...]] = {
    "sas": ("pacs_down", "om_or_ris_down", "total_outage"),
    "halland": ("engine_down",),
    "nal": ("ris_or_mei_down", "image_transfer_down"),
    "kronoberg": (
        "outbound_z97117_down",
        "outbound_z83680_down",
        "outbound_skane_cannot_receive",
        "inbound_down",
    ),
    "su": ("melior_read_only", "melior_down", "picsara_down"),
}
