"""remissvakt subscriptions list | add | end: who is told, beside those whom the configuration names."""

from pathlib import Path

import typer

from watchdog.cli.context import (
    ConfigOption,
    JsonOption,
    configured,
    guarded,
    out,
    say_json,
    wish,
    with_runtime,
)
from watchdog.config.subscribing import SubscriptionFile, subscriber
from watchdog.errors import Refused
from watchdog.model.endpoint import Endpoint
from watchdog.model.subscription import written
from watchdog.runtime import Runtime
from watchdog.storage import subscriptions

app = typer.Typer(
    help="Who is told of what, and when; beside the configuration.", no_args_is_help=True
)
RoleOption = typer.Option("it", help="it, duty_officer, receiving_unit or administrators.")
SiteOption = typer.Option(..., "--site", help="May be given more than once.")
EventOption = typer.Option([], "--event", help="Overrides what the role is told.")
FromOption = typer.Option(None, "--from", help="Swedish time, as 08:00.")
ToOption = typer.Option(None, "--to", help="Swedish time, as 16:30.")
SecretOption = typer.Option("", help="A file's name in `notify.secrets_folder`; for a webhook.")


def register(main: typer.Typer) -> None:
    """Add the commands, as `subscriptions …`."""
    main.add_typer(app, name="subscriptions")


@app.command("list")
def list_(config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """Everybody who is told."""

    async def work(found: Runtime) -> tuple[Endpoint, ...]:
        return (*found.config.endpoints, *await subscriptions.current(found.database))

    everybody = with_runtime(config, work)
    if json_:
        say_json(everybody)
        return
    for each in everybody:
        where = each.to or each.url
        told = ", ".join(each.events) or f"as {each.role}"
        kind = "subscribed" if each.subscribed else "configured"
        out.print(f"{each.id}  {kind}  {', '.join(each.sites)}  {told}  {where}", markup=False)


@app.command("add")
def add(  # noqa: PLR0917 - the options of a command
    ident: str,
    site: list[str] = SiteOption,
    role: str = RoleOption,
    mail: str = typer.Option("", help="A mailbox; or --url with --secret."),
    url: str = typer.Option("", help="A webhook, https."),
    secret: str = SecretOption,
    unit: str | None = typer.Option(None, help="For receiving_unit."),
    event: list[str] = EventOption,
    days: str = typer.Option("all", help="working, free (weekends and holidays) or all."),
    start: str | None = FromOption,
    end: str | None = ToOption,
    config: Path | None = ConfigOption,
) -> None:
    """Have somebody told from the next event on; the same id again replaces what it was."""
    values = {
        **{"id": ident, "role": role, "sites": site, "url": url, "secret": secret, "mail": mail},
        **{"unit": unit, "events": event, "days": days, "from": start, "to": end},
    }

    async def checked() -> str:
        found, _ = configured(config)
        try:
            asked = SubscriptionFile.model_validate(values)
        except ValueError as error:
            places = {str(each["loc"][0]) for each in error.errors()}  # pyright: ignore
            raise Refused(f"It does not fit in: {', '.join(sorted(places))}.") from None
        return written(subscriber(asked, found))

    wish(config, "subscribe", {"subscription": guarded(checked)})


@app.command("end")
def end(ident: str, config: Path | None = ConfigOption) -> None:
    """Have somebody told no more; what waits is not sent."""
    wish(config, "unsubscribe", {"subscriber": ident})
