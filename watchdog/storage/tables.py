"""Every table, in one place. Migrations bring a database to this; a test holds the two together."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
)

from watchdog.storage.utctime import UtcTime

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

orders = Table(
    "orders",
    metadata,
    Column("placer", String(22), primary_key=True),
    Column("control_id", String(20), nullable=False),
    Column("path", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("planned_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("acknowledged_at", UtcTime),
    Column("e5_at", UtcTime),
    Column("e6_at", UtcTime),
    Column("filler", String(60), nullable=False),
    Column("cancel_control_id", String(20), nullable=False),
    Column("cancel_sent_at", UtcTime),
    Column("cancel_attempts", Integer, nullable=False),
    Column("next_cancel_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("incident", String(60), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("purpose", String(20), nullable=False),
    Column("text_damaged", Boolean, nullable=False),
    Column("detail", String(400), nullable=False),
    Index("orders_by_path_and_state", "path", "state"),
    Index("orders_by_incident", "incident"),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("path", String(60), nullable=False),
    Column("site", String(60), nullable=False),
    Column("scenario", String(60), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("number", Integer, nullable=False),
    Column("declared_at", UtcTime),
    Column("advice_due_at", UtcTime),
    Column("advised_at", UtcTime),
    Column("told_duty_officer", Boolean, nullable=False),
    Column("recovering_at", UtcTime),
    Column("cleared_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("closed_by", String(120), nullable=False),
    Column("close_reason", String(400), nullable=False),
    Column("last_good_at", UtcTime),
    Column("first_good_at", UtcTime),
    Column("by_hand", Boolean, nullable=False),
    Column("declared_by", String(120), nullable=False),
    Column("unconfirmed", Boolean, nullable=False),
    Column("possibly_caused_by_probe", Boolean, nullable=False),
    Column("orders", Integer, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("awaiting", Text, nullable=False, server_default=""),
    Column("unit_silent_at", UtcTime),
    Column("audience", Text, nullable=False, server_default=""),
    Column("partial", Boolean, nullable=False, server_default=false()),
    Column("sender", String(40), nullable=False, server_default=""),
    Index("incidents_by_path", "path", "opened_at"),
)

incident_events = Table(
    "incident_events",
    metadata,
    Column("incident", String(60), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("because_sv", String(600), nullable=False),
    Column("because_en", String(600), nullable=False),
    Column("evidence_sv", String(300), nullable=False),
    Column("evidence_en", String(300), nullable=False),
    Column("by", String(120), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("event_id", String(36), nullable=False),
    Column("endpoint", String(60), nullable=False),
    Column("incident", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("order", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcTime),
    Column("delivered_at", UtcTime),
    Column("last_error", String(200), nullable=False),
    Column("not_before", UtcTime),
    Column("unless", String(60), nullable=False, server_default=""),
    Column("of", String(36), nullable=False, server_default=""),
    Column("dropped_at", UtcTime),
    Column("refused_at", UtcTime),
    Index("outbox_waiting", "endpoint", "delivered_at", "order"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("notice", String(36), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("took_ms", Integer, nullable=False),
    Column("outcome", String(200), nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(120), nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("detail", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)

path_states = Table(
    "path_states",
    metadata,
    Column("path", String(60), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("phase", String(20), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("evaluated_at", UtcTime, nullable=False),
    Column("life_at", UtcTime),
    Column("last_arrival_at", UtcTime),
    Column("evidence_limit_s", Float, nullable=False),
    Column("text_damaged", Boolean, nullable=False),
    Column("open_orders", Integer, nullable=False),
    Column("sending", String(20), nullable=False),
    Column("learned", Text, nullable=False),
    Column("scenario", String(60), nullable=False, server_default=""),
)

path_controls = Table(
    "path_controls",
    metadata,
    Column("path", String(60), primary_key=True),
    Column("sending", String(20), nullable=False),
    Column("by", String(120), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("at", UtcTime, nullable=False),
)

commissions = Table(
    "commissions",
    metadata,
    Column("path", String(60), primary_key=True),
    Column("fingerprint", String(16), nullable=False),
    Column("by", String(120), nullable=False),
    Column("placer", String(22), nullable=False),
    Column("at", UtcTime, nullable=False),
)

observations = Table(
    "observations",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("path", String(60), nullable=False),
    Column("ev", String(20), nullable=False),
    Column("mono", Float, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("order_id", String(40), nullable=False),
    Column("sender", String(40), nullable=False),
    Column("code", String(20), nullable=False),
    Column("scope", String(20), nullable=False),
    Index("observations_by_path", "path", "id"),
)

real_hours = Table(
    "real_hours",
    metadata,
    Column("path", String(60), primary_key=True),
    Column("hour", UtcTime, primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("arrived", Integer, nullable=False),
)

requests = Table(
    "requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(30), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    Column("outcome", String(20), nullable=False),
    Column("detail", Text, nullable=False),
    Index("requests_waiting", "done_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(8), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

windows = Table(
    "windows",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("path", String(60), nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False),
    Column("owner", String(120), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("by", String(120), nullable=False),
    Column("cancelled_at", UtcTime),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("body", Text, nullable=False),
    Column("by", String(120), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
)

serial_ranges = Table(
    "serial_ranges",
    metadata,
    Column("clinic_code", String(4), primary_key=True),
    Column("pack", BigInteger, primary_key=True, autoincrement=False),
    Column("clinic", String(60), nullable=False),
    Column("count", Integer, nullable=False),
    Column("first", String(13), nullable=False),
    Column("last", String(13), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by", String(120), nullable=False),
)

overrides = Table(
    "overrides",
    metadata,
    Column("id", String(60), primary_key=True),
    Column("incident", String(60), nullable=False),
    Column("path", String(60), nullable=False),
    Column("reason", String(400), nullable=False),
    Column("asked_by", String(120), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("granted_by", String(120), nullable=False),
    Column("granted_at", UtcTime),
    Column("ends_at", UtcTime),
    Column("told_end", Boolean, nullable=False),
)
