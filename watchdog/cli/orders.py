"""remissvakt orders list | debt | reconcile | stop | resume, and commission."""

import csv
import sys
from pathlib import Path

import typer

from watchdog.cli.context import (
    ConfigOption,
    JsonOption,
    err,
    out,
    path_of,
    say_json,
    wish,
    with_runtime,
)
from watchdog.model.order import Order, OrderState
from watchdog.orders.life import is_debt, is_terminal
from watchdog.probes import registry
from watchdog.probes.base import CannotLook, Wanted
from watchdog.runtime import Runtime

app = typer.Typer(
    help="The order book: every synthetic order that was ever sent.", no_args_is_help=True
)
COMMISSION_S = 960.0
ReasonOption = typer.Option(..., "--reason", help="Why; people will read it.")


@app.command("list")
def list_(
    path: str | None = typer.Option(None, help="Only this path."),
    state: str | None = typer.Option(None, help=", ".join(s.value for s in OrderState)),
    config: Path | None = ConfigOption,
    json_: bool = JsonOption,
) -> None:
    """Orders that are not at their end, or those in one state."""

    async def work(found: Runtime) -> list[Order]:
        if state is not None:
            return await found.book.find(states=(OrderState(state),), path=path)
        return await found.book.open(path)

    _show(with_runtime(config, work), as_json=json_)


@app.command()
def debt(
    incident: str | None = typer.Option(None, help="Only this incident."),
    config: Path | None = ConfigOption,
    json_: bool = JsonOption,
) -> None:
    """What people must clean up in the RIS, as CSV for its administrator."""

    async def work(found: Runtime) -> list[Order]:
        states = (OrderState.DEBT, OrderState.LOST)
        return await found.book.find(states=states, incident=incident)

    owed = [order for order in with_runtime(config, work) if is_debt(order)]
    if json_:
        say_json(owed)
        return
    table = csv.writer(sys.stdout)
    table.writerow(["placer", "filler", "path", "state", "sent_at", "incident", "detail"])
    for order in owed:
        sent = order.sent_at or order.planned_at
        table.writerow(
            [
                order.placer,
                order.filler,
                order.path,
                order.state.value,
                sent.isoformat(),
                order.incident,
                order.detail,
            ]
        )


@app.command()
def reconcile(path: str, config: Path | None = ConfigOption, json_: bool = JsonOption) -> None:
    """Hold the order book against what the RIS shows: orders of ours that still stand there."""

    async def work(found: Runtime) -> list[Order]:
        readers = path_of(found.config, path).readers
        states = (OrderState.LOST, OrderState.DEBT, OrderState.REFUSED, OrderState.CANCELLED)
        ended = [o for o in await found.book.find(states=states, path=path) if is_terminal(o)]
        newest = ended[-200:]
        wanted = [Wanted(placer=o.placer, filler=o.filler, control_id=o.control_id) for o in newest]
        shown: set[str] = set()
        for settings in readers:
            reader = registry.make(settings)
            if reader is None or not wanted:
                continue
            try:
                seen = await reader.look(wanted)
                shown |= {arrival.placer for arrival in seen if not arrival.cancelled}
            except CannotLook as error:
                err.print(f"{reader.name}: {error}")
            finally:
                await reader.close()
        return [order for order in newest if order.placer in shown]

    left = with_runtime(config, work)
    _show(left, as_json=json_)
    if left:
        raise typer.Exit(1)


@app.command()
def stop(path: str, reason: str = ReasonOption, config: Path | None = ConfigOption) -> None:
    """Stop sending synthetic orders on a path. Anyone may."""
    wish(config, "stop", {"path": path, "reason": reason})


@app.command()
def resume(path: str, reason: str = ReasonOption, config: Path | None = ConfigOption) -> None:
    """Go on sending, after a stop or a negative answer."""
    wish(config, "resume", {"path": path, "reason": reason})


def register(main: typer.Typer) -> None:
    """Add the commands, as `orders …`, and `commission`."""
    main.add_typer(app, name="orders")

    @main.command()
    def commission(path: str, config: Path | None = ConfigOption) -> None:
        """Send one order by hand; arrival and cancel proven, scheduled sending is allowed."""
        wish(config, "commission", {"path": path}, patience_s=COMMISSION_S)


def _show(orders: list[Order], *, as_json: bool) -> None:
    if as_json:
        say_json(orders)
        return
    for order in orders:
        proofs = "+".join(level.value for level in order.levels) or "-"
        planned = f"{order.planned_at:%m-%d %H:%M:%S}"
        line = f"{order.placer}  {order.state.value:12}  {proofs:5}  {planned}  {order.path}"
        out.print(f"{line}  {order.detail}".rstrip(), markup=False)
    if not orders:
        out.print("No such orders.")
