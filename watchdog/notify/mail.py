"""One notice as mail: plain text, complete in its subject, over TLS."""

import json
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import aiosmtplib

from watchdog.clock import Clock
from watchdog.errors import DeliveryError
from watchdog.model.endpoint import Endpoint, Smtp
from watchdog.model.notice import Notice

TOTAL_S = 10.0
STATES = {
    "outage": "Driftstopp",
    "recovering": "På väg tillbaka",
    "normal": "Fungerar igen",
    "degraded": "Stört",
    "unknown": "Okänt",
}
WAYS = {
    "electronic": "elektroniskt",
    "electronic_and_phone": "elektroniskt, och ring",
    "paper_and_fax": "papper och fax",
    "hold": "vänta",
}
URGENCIES = {
    "very_urgent": "Mycket brådskande",
    "urgent": "Akuta",
    "non_urgent": "Ej akuta",
}


class MailSender:
    """Hands notices to the mail server of the configuration."""

    def __init__(self, smtp: Smtp | None, clock: Clock, *, instance: str) -> None:
        self._smtp, self._clock, self._instance = smtp, clock, instance

    async def send(self, notice: Notice, endpoint: Endpoint) -> None:
        """Deliver to the mail server; DeliveryError says what it did."""
        smtp = self._smtp
        if smtp is None:
            raise DeliveryError(
                f"{endpoint.id} is told by mail and `notify.smtp` is not configured"
            )
        message = self._message(notice, endpoint, smtp)
        try:
            await aiosmtplib.send(
                message,
                hostname=smtp.host,
                port=smtp.port,
                timeout=TOTAL_S,
                local_hostname=self._instance,  # never ask a name service that may be down
                use_tls=smtp.security == "tls",
                start_tls=smtp.security == "starttls",
                tls_context=None if smtp.security == "none" else _context(smtp),
                username=smtp.username or None,
                password=_password(smtp, endpoint),
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            code = getattr(error, "code", "")
            raise DeliveryError(
                f"the mail server did not take the notice to {endpoint.id}: "
                f"{type(error).__name__} {code}".strip()
            ) from None

    def _message(self, notice: Notice, endpoint: Endpoint, smtp: Smtp) -> EmailMessage:
        event: dict[str, Any] = json.loads(notice.body)
        message = EmailMessage()
        message["From"] = Address("Remissvakt", addr_spec=smtp.sender)
        message["To"] = endpoint.to
        message["Subject"] = subject(event["data"])
        message["Date"] = format_datetime(self._clock.now())
        # the same for every attempt and node, so that a mailbox may drop what it has already
        message["Message-ID"] = f"<{notice.id}@remissvakt>"
        message["Auto-Submitted"] = "auto-generated"
        message["X-Remissvakt-Event"] = str(event["type"])
        message.set_content(text(event["data"]))
        return message


def subject(data: dict[str, Any]) -> str:
    """One line that is enough by itself."""
    return str(data["sms"]).replace("\n", " ")


def text(data: dict[str, Any]) -> str:
    """The body: what to say, whom to ring, where to acknowledge; no link is needed to act."""
    if "text" in data:
        return str(data["text"])
    window: dict[str, Any] = data.get("suspect_window") or {}
    rows = [
        ("Läge", STATES.get(str(data["state"]), str(data["state"]))),
        ("Väg", data["path"]),
        ("Händelse", data["incident"]),
        ("Senast bekräftat fungerande", data["last_good_at"]),
        ("Kontrollera remisser sända", _span(window)),
        ("Ring", data["call"]),
        ("Kvittera (skriv ditt namn)", data.get("acknowledge")),
        ("Mer", data["url"]),
    ]
    lines = [str(data["say"]), ""]
    lines += [f"{name}: {value}" for name, value in rows if value]
    lines += _listed("Så skickas remisser nu", _ways(data.get("workflow") or {}))
    lines += _listed("Gör så här", [step["sv"] for step in data.get("steps") or ()])
    if data.get("possibly_caused_by_probe"):
        lines += ["", "Kan vara orsakat av en provremiss."]
    orders: list[dict[str, str]] = data.get("orders") or []
    lines += _listed("Provremisser", [f"{o['placer']} ({o['control_id']})" for o in orders])
    return "\n".join(lines) + "\n"


def _ways(workflow: dict[str, str]) -> list[str]:
    return [f"{URGENCIES.get(u, u)}: {WAYS.get(way, way)}" for u, way in workflow.items()]


def _listed(heading: str, lines: list[str]) -> list[str]:
    return ["", f"{heading}:", *(f"- {line}" for line in lines)] if lines else []


def _span(window: dict[str, Any]) -> str:
    if not window.get("from"):
        return ""
    return f"från {window['from']} till {window.get('to') or 'nu'}"


def _context(smtp: Smtp) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(smtp.ca_file) if smtp.ca_file else None)


def _password(smtp: Smtp, endpoint: Endpoint) -> str | None:
    if smtp.password_file is None:
        return None
    try:
        return smtp.password_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DeliveryError(
            f"the mail password for {endpoint.id} cannot be read: see `notify.smtp.password_file`"
        ) from None
