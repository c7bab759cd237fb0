"""Which channel takes a notice: the endpoint says."""

from watchdog.model.endpoint import Endpoint
from watchdog.model.notice import Notice
from watchdog.notify.mail import MailSender
from watchdog.notify.webhook import WebhookSender


class Channels:
    """Every way out."""

    def __init__(self, webhook: WebhookSender, mail: MailSender) -> None:
        self.webhook, self._mail = webhook, mail

    async def send(self, notice: Notice, endpoint: Endpoint) -> None:
        """Deliver; DeliveryError says what the receiver did and what follows."""
        if endpoint.to:
            await self._mail.send(notice, endpoint)
        else:
            await self.webhook.send(notice, endpoint)

    async def close(self) -> None:
        await self.webhook.close()
