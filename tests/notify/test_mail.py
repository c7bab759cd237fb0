"""Mail over a real SMTP connection, with TLS and a password, and what is said when it fails."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, cast

import pytest
import trustme
from aiosmtpd.controller import UnthreadedController
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from watchdog.clock import SystemClock
from watchdog.errors import DeliveryError
from watchdog.model.endpoint import Endpoint, Smtp
from watchdog.model.notice import Notice
from watchdog.notify.mail import MailSender

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MAILBOX = Endpoint(id="admins", role="it", sites=("nal",), to="ris.admin@example.se")
DATA: dict[str, Any] = {
    "state": "outage",
    "path": "nal_ris",
    "incident": "inc_1",
    "last_good_at": "2026-11-21T02:58:00.000Z",
    "suspect_window": {"from": "2026-11-21T02:58:00.000Z", "to": None},
    "sms": "REMISSVAKT NÄL: Remisser når inte RIS sedan 03:58. Reservrutin gäller.",
    "say": "Remissvägen är bruten. Reservrutin gäller.",
    "call": "Radiologin",
    "url": "https://w/incidents/inc_1",
    "acknowledge": "https://w/acknowledge/inc_1/admins/abc",
}


class Mailbox:
    """Keeps what it is given; refuses when told to."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.secured: list[bool] = []
        self.refuses = False

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuses:
            return "452 4.3.1 Ingen plats for patient Svensson"
        content = cast("bytes", envelope.content)
        self.got.append(cast("EmailMessage", message_from_bytes(content, policy=default)))
        self.secured.append(session.ssl is not None)
        return "250 OK"


def _login(_server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any) -> Any:
    right = isinstance(data, LoginPassword) and data.password == b"hemligt"
    return AuthResult(success=right, handled=False)  # the server is to say 535 itself


@pytest.fixture
async def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def smtp(mailbox: Mailbox, tmp_path: Path) -> AsyncIterator[Smtp]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    (tmp_path / "password").write_text("hemligt\n", "utf-8")
    controller = UnthreadedController(
        mailbox,
        loop=asyncio.get_running_loop(),
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        authenticator=_login,
        auth_required=True,
        server_hostname="mail.example.se",  # it would ask the name service for it otherwise
    )
    server = await controller._create_server()
    port = server.sockets[0].getsockname()[1]
    yield Smtp(
        host="127.0.0.1",
        port=port,
        sender="remissvakt@example.se",
        ca_file=tmp_path / "ca.pem",
        username="remissvakt",
        password_file=tmp_path / "password",
    )
    server.close()
    await server.wait_closed()


def notice(**data: Any) -> Notice:
    body = {"type": "se.remissvakt.incident.advice_changed.v1", "data": {**DATA, **data}}
    return Notice(
        id="11111111-2222-3333-4444-555555555555",
        event_id="e",
        endpoint="admins",
        incident="inc_1",
        kind="advice_changed",
        body=json.dumps(body, ensure_ascii=False),
        created_at=NOW,
        order=1,
    )


async def test_a_notice_arrives_over_tls_complete_in_its_subject(
    smtp: Smtp, mailbox: Mailbox
) -> None:
    await MailSender(smtp, SystemClock(), instance="wd-a").send(notice(), MAILBOX)
    (message,) = mailbox.got
    assert mailbox.secured == [True]
    assert message["Subject"] == DATA["sms"]
    assert message["To"] == "ris.admin@example.se"
    assert message["Message-ID"] == f"<{notice().id}@remissvakt>"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_content()
    assert text.startswith("Remissvägen är bruten. Reservrutin gäller.")
    assert "Kontrollera remisser sända: från 2026-11-21T02:58:00.000Z till nu" in text
    assert "Kvittera (skriv ditt namn): https://w/acknowledge/inc_1/admins/abc" in text


async def test_a_unit_and_it_read_in_the_mail_what_they_are_to_do(
    smtp: Smtp, mailbox: Mailbox
) -> None:
    told = notice(
        workflow={"urgent": "paper_and_fax", "non_urgent": "hold"},
        steps=[{"sv": "Bemanna faxen.", "en": "Man the fax."}],
        orders=[{"placer": "WD1", "control_id": "C1"}],
    )
    await MailSender(smtp, SystemClock(), instance="wd-a").send(told, MAILBOX)
    text = mailbox.got[0].get_content().replace("\r\n", "\n")
    assert "Så skickas remisser nu:\n- Akuta: papper och fax\n- Ej akuta: vänta\n" in text
    assert "Gör så här:\n- Bemanna faxen.\n" in text
    assert "Provremisser:\n- WD1 (C1)\n" in text


async def test_a_server_that_refuses_is_named_without_what_it_said(
    smtp: Smtp, mailbox: Mailbox
) -> None:
    mailbox.refuses = True
    with pytest.raises(DeliveryError, match=r"did not take the notice to admins: .* 452") as caught:
        await MailSender(smtp, SystemClock(), instance="wd-a").send(notice(), MAILBOX)
    assert "Svensson" not in str(caught.value)


async def test_a_server_of_another_authority_is_not_trusted(smtp: Smtp, mailbox: Mailbox) -> None:
    sender = MailSender(replace(smtp, ca_file=None), SystemClock(), instance="wd-a")
    with pytest.raises(DeliveryError, match="did not take"):
        await sender.send(notice(), MAILBOX)
    assert mailbox.got == []


async def test_a_wrong_password_is_a_failure_that_does_not_tell_it(
    smtp: Smtp, mailbox: Mailbox
) -> None:
    assert smtp.password_file is not None
    smtp.password_file.write_text("fel-losen", "utf-8")
    with pytest.raises(DeliveryError) as caught:
        await MailSender(smtp, SystemClock(), instance="wd-a").send(notice(), MAILBOX)
    assert str(caught.value).endswith("SMTPAuthenticationError 535")
    assert "fel-losen" not in str(caught.value)
    assert mailbox.got == []


async def test_without_a_mail_server_the_reason_is_said() -> None:
    with pytest.raises(DeliveryError, match=r"notify\.smtp"):
        await MailSender(None, SystemClock(), instance="wd-a").send(notice(), MAILBOX)
