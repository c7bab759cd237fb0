"""remissvakt notices list | show | resend | test | secret: what was told to whom, and every try."""

import json
import secrets
import uuid
from datetime import datetime
from pathlib import Path

import typer

from watchdog.cli.context import (
    ConfigOption,
    JsonOption,
    guarded,
    out,
    say_json,
    who,
    with_runtime,
)
from watchdog.errors import NotFound
from watchdog.model.endpoint import Endpoint
from watchdog.model.ids import uuid7
from watchdog.model.notice import Attempt, Notice
from watchdog.notify.others import trial_notice
from watchdog.notify.secretfile import renew
from watchdog.runtime import Runtime
from watchdog.storage import audit, subscriptions

app = typer.Typer(help="Notices: what was told to whom, and every try.", no_args_is_help=True)
WaitingOption = typer.Option(False, "--waiting", help="Only what nobody has taken yet.")
FileArgument = typer.Argument(help="What `secret_file` of the endpoint names.")
PairOption = typer.Option(False, "--pair", help="A key pair (v1a); prints the receiver's half.")


def register(main: typer.Typer) -> None:
    """Add the commands, as `notices …`."""
    main.add_typer(app, name="notices")


@app.command("list")
def list_(
    waiting: bool = WaitingOption, config: Path | None = ConfigOption, json_: bool = JsonOption
) -> None:
    """Notices, newest first."""

    async def work(found: Runtime) -> list[Notice]:
        return await found.outbox.listed(waiting=waiting)

    notices = with_runtime(config, work)
    if json_:
        say_json(notices)
        return
    for notice in notices:
        out.print(
            f"{notice.id}  {notice.created_at:%m-%d %H:%M:%S}  {_state(notice):28}  "
            f"{notice.endpoint}  {notice.kind}",
            markup=False,
        )
    if not notices:
        out.print("No notice." if not waiting else "Everything has been taken.")


@app.command()
def show(notice: str, config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """One notice, its body, and every try to deliver it."""

    async def work(found: Runtime) -> tuple[Notice, list[Attempt]]:
        stored = await found.outbox.get(notice)
        if stored is None:
            raise NotFound(f"No notice is called {notice}: see `remissvakt notices list`.")
        return stored, await found.outbox.attempts(notice)

    stored, attempts = with_runtime(config, work)
    if json_:
        say_json({"notice": stored, "attempts": attempts})
        return
    out.print(f"{stored.id}: {stored.kind} to {stored.endpoint}, {_state(stored)}", markup=False)
    for attempt in attempts:
        result = attempt.outcome or "taken"
        out.print(
            f"  {attempt.number}  {attempt.at:%H:%M:%S}  {attempt.took_ms} ms  {result}",
            markup=False,
        )
    out.print_json(json.dumps(json.loads(stored.body)), ensure_ascii=False)


@app.command()
def resend(notice: str, config: Path | None = ConfigOption) -> None:
    """Have a notice sent again at once, taken or not; its id stays, so a receiver may drop it."""

    async def work(found: Runtime) -> None:
        now = found.clock.now()
        if await found.outbox.resend(notice, now) is None:
            raise NotFound(f"No notice is called {notice}: see `remissvakt notices list`.")
        async with found.database.transaction() as db:
            await audit.append(db, at=now, by=who(), what="resend", subject=notice)

    with_runtime(config, work)
    out.print(f"{notice} is sent again as soon as the service runs.")


@app.command("test")
def trial(endpoint: str, config: Path | None = ConfigOption) -> None:
    """Send a test notice to one endpoint, through the outbox and its channel as any other."""

    async def work(found: Runtime) -> str:
        subscribed = await subscriptions.current(found.database)
        known: dict[str, Endpoint] = {e.id: e for e in (*found.config.endpoints, *subscribed)}
        if endpoint not in known:
            raise NotFound(
                f"Nobody called {endpoint} is told: there are {', '.join(sorted(known))}."
            )
        now: datetime = found.clock.now()
        made = trial_notice(
            known[endpoint],
            ident=str(uuid7(now, secrets.token_bytes(10))),
            now=now,
            instance=found.config.instance,
            sites=found.config.sites,
            by=who(),
            order=await found.outbox.next_order(),
        )
        await found.outbox.add([made])
        async with found.database.transaction() as db:
            await audit.append(db, at=now, by=who(), what="test_notice", subject=endpoint)
        return made.id

    ident = with_runtime(config, work)
    out.print(f"Stored; `remissvakt notices show {uuid.UUID(ident)}` says what came of it.")


@app.command()
def secret(file: Path = FileArgument, pair: bool = PairOption) -> None:
    """Make a webhook's secret file, or put a new secret above the one that it holds."""

    async def work() -> str:
        return renew(file, pair=pair)

    public = guarded(work)
    out.print(f"{file}: notices are signed with its new first line from now on.", markup=False)
    out.print(
        f"Give the receiver {public}"
        if public
        else "Give the receiver that line, by a way that is safe; then take a second line out.",
        markup=False,
    )


def _state(notice: Notice) -> str:
    if notice.delivered_at is not None:
        return f"taken {notice.delivered_at:%H:%M:%S}"
    if notice.dropped_at is not None:
        return "not needed any more"
    if notice.attempts:
        return f"failed {notice.attempts} times"
    return f"due {notice.not_before:%H:%M:%S}" if notice.not_before else "waits"
