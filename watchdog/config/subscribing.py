"""A subscription as somebody asks for it, held against the configuration."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from watchdog.config.check_endpoint import endpoint_problems
from watchdog.config.notify import endpoint_of
from watchdog.config.schema import EndpointFile
from watchdog.errors import Refused
from watchdog.model.endpoint import Endpoint
from watchdog.model.site import Config

NOWHERE = "nowhere"


class SubscriptionFile(BaseModel):
    """Who wants to be told of what, and when. A webhook's secret is named, never sent."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$")]
    role: Annotated[str, Field(pattern=r"^(it|duty_officer|receiving_unit|administrators)$")]
    """What it is told unless `events` says otherwise."""
    sites: Annotated[list[str], Field(min_length=1, max_length=20)]
    url: Annotated[str, Field(max_length=500)] = ""
    secret: Annotated[str, Field(pattern=r"^([a-z0-9][a-z0-9_-]{0,59})?$")] = ""
    """The name of a file in `notify.secrets_folder` that the administrator has put there."""
    mail: Annotated[str, Field(max_length=254)] = ""
    unit: Annotated[str, Field(max_length=60)] | None = None
    events: Annotated[list[str], Field(max_length=10)] = []
    days: Annotated[str, Field(pattern=r"^(working|free|all)$")] = "all"
    """With `from` and `to`: when it may be told, Swedish time; free days are weekends and holidays."""
    start: Annotated[str | None, Field(alias="from", pattern=r"^\d\d:\d\d$")] = None
    end: Annotated[str | None, Field(alias="to", pattern=r"^\d\d:\d\d$")] = None
    handshake: bool = False


def subscriber(asked: SubscriptionFile, config: Config) -> Endpoint:
    """The receiver that it would be. Refused names everything that is wrong, and repeats nothing."""
    if asked.id in {endpoint.id for endpoint in config.endpoints}:
        raise Refused("A configured endpoint has that id already.")
    if asked.url and config.secrets_folder is None:
        raise Refused(
            "A webhook cannot subscribe here: set `notify.secrets_folder`, put a secret there on every "
            "node, and name it as `secret`."
        )
    folder = config.secrets_folder
    hours = None
    if asked.start is not None or asked.end is not None:
        hours = {"days": asked.days, "from": asked.start or "00:00", "to": asked.end or "23:59"}
    try:
        shape = EndpointFile.model_validate(
            {
                **asked.model_dump(
                    include={"id", "role", "sites", "url", "mail", "unit", "events"}
                ),
                "secret_file": folder / (asked.secret or NOWHERE) if folder else NOWHERE,
                "hours": hours,
                "handshake": asked.handshake,
            }
        )
    except ValueError as error:
        places = sorted({str(each["loc"][0]) for each in error.errors()})  # pyright: ignore
        raise Refused(f"It does not fit in: {', '.join(places)}.") from None
    wrong = [
        f"{where[0]}: {_plain(str(where[0]), message)}"
        for where, message in endpoint_problems(
            shape, config.sites, has_mail=config.smtp is not None, test=config.test_environment
        )
        if where != ("hours",) or "acknowledge" not in message  # nobody waits for a subscriber
    ]
    if wrong:
        raise Refused("; ".join(wrong))
    return endpoint_of(shape)


def _plain(place: str, message: str) -> str:
    """Without what was sent, and without the folders of this machine."""
    match place:
        case "secret_file":
            return "there is no secret of that name in `notify.secrets_folder` on this node"
        case "sites":
            return "one of them is not configured"
        case _:
            return message
