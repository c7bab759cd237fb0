"""Composition root: configuration in, wired objects out. The only place that picks adapters."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from watchdog.clock import Clock
from watchdog.detection.path import PathDetector
from watchdog.hl7.client import MllpClient, Tls
from watchdog.model.health import Check
from watchdog.model.routine import Routine
from watchdog.model.site import Config, PathConfig
from watchdog.notify.channels import Channels
from watchdog.notify.mail import MailSender
from watchdog.notify.webhook import WebhookSender
from watchdog.probes.tap import Tap
from watchdog.service.advance import Advance
from watchdog.service.arrivals import Arrivals
from watchdog.service.asking import by_hand
from watchdog.service.board import Board
from watchdog.service.cleanup import Cleaner
from watchdog.service.commissioning import Commissioning
from watchdog.service.drilling import Drilling
from watchdog.service.groups import Groups
from watchdog.service.keeping import Keeper
from watchdog.service.orders import OrderDesk
from watchdog.service.overriding import Overriding
from watchdog.service.people import People
from watchdog.service.recorder import Outgoing
from watchdog.service.serials import Serials
from watchdog.service.subscribing import Subscribing
from watchdog.service.systems import Systems
from watchdog.service.watch import Watch
from watchdog.storage.engine import Database
from watchdog.storage.incidents import Incidents
from watchdog.storage.journal import Journal
from watchdog.storage.keyfile import placer_key
from watchdog.storage.keys import Keys
from watchdog.storage.orders import OrderBook
from watchdog.storage.outbox import Outbox
from watchdog.storage.requests import Request, Requests
from watchdog.storage.states import States


@dataclass(slots=True)
class Runtime:
    """Everything of one process."""

    config: Config
    routines: dict[str, Routine]
    clock: Clock
    key: bytes
    database: Database
    book: OrderBook
    states: States
    incidents: Incidents
    outbox: Outbox
    journal: Journal
    requests: Requests
    keys: Keys
    serials: Serials
    board: Board
    leads: Callable[[], bool] = lambda: True
    """False while another node may lead: no order and no stored notice leaves."""
    epoch_seen: int | None = None
    """The epoch when this node took the lead; None where no other can lead."""
    alone: bool = False
    """The database is known to be out of reach: what is decided may be told from the journal, though
    nobody holds the lead."""
    watcher: "Watcher | None" = None
    """What this process watches with, if it leads."""
    own_ports: frozenset[int] = frozenset()
    """Ports that this process listens on: never a target of notices."""
    at_hand: Callable[[Request], Awaitable[tuple[str, str]]] | None = None
    """Carries out what must not wait for the database; None in a process that does not watch."""

    async def close(self) -> None:
        await self.database.close()


@dataclass(slots=True)
class Watcher:
    """What a process that watches has beside it."""

    runtime: Runtime
    watches: dict[str, Watch]
    advance: Advance
    desk: OrderDesk
    arrivals: Arrivals
    keeper: Keeper
    cleaner: Cleaner
    people: People
    overriding: Overriding
    drilling: Drilling
    subscribing: Subscribing
    systems: Systems
    groups: Groups
    outgoing: Outgoing
    sender: Channels
    checks: dict[str, Check] = field(default_factory=dict[str, Check])
    """What the newest look at ourselves found."""
    checked: float = float("-inf")
    """When that was, on our monotonic clock: a look that is old says nothing of now."""
    lasting: dict[str, Check] = field(default_factory=dict[str, Check])
    """What was found longer ago and stands until it is looked at again."""
    taps: dict[str, Tap] = field(default_factory=dict[str, Tap])
    """By path, while they listen."""


def build(
    config: Config, routines: dict[str, Routine], clock: Clock, database_url: str | None = None
) -> Runtime:
    """The parts that every process needs; opens nothing but the key file."""
    database = Database(database_url or config.database_url, clock)
    return Runtime(
        config=config,
        routines=routines,
        clock=clock,
        key=placer_key(config.placer_key_file),
        database=database,
        book=OrderBook(database),
        states=States(database),
        incidents=Incidents(database),
        outbox=Outbox(database),
        journal=Journal(config.journal_file),
        requests=Requests(database),
        keys=Keys(database),
        serials=Serials(database, clock),
        board=Board(config, routines, clock),
    )


async def build_watcher(runtime: Runtime) -> Watcher:
    """The parts that send orders, decide and tell."""
    config, clock = runtime.config, runtime.clock
    systems = Systems(config, clock)
    outgoing = Outgoing(
        await runtime.outbox.next_order(),
        runtime.key,
        may_journal=lambda: runtime.alone or runtime.leads(),
    )
    watches = {path.id: _watch(runtime, path) for path in config.paths.values()}
    advance = Advance(
        watches,
        config=config,
        database=runtime.database,
        board=runtime.board,
        systems=systems,
        clock=clock,
        outgoing=outgoing,
        journal=runtime.journal,
    )
    groups = Groups(
        config=config,
        routines=runtime.routines,
        database=runtime.database,
        board=runtime.board,
        systems=systems,
        clock=clock,
        outgoing=outgoing,
        journal=runtime.journal,
    )
    keeper = Keeper(
        book=runtime.book,
        states=runtime.states,
        advance=advance,
        clock=clock,
        leads=runtime.leads,
    )
    desk = OrderDesk(keeper, runtime.board, clock, runtime.key)
    cleaner = Cleaner(keeper, clock)
    overriding = Overriding(
        watches,
        advance=advance,
        groups=groups,
        board=runtime.board,
        database=runtime.database,
        incidents=runtime.incidents,
        clock=clock,
    )
    drilling = Drilling(
        watches,
        advance=advance,
        config=config,
        database=runtime.database,
        board=runtime.board,
        incidents=runtime.incidents,
        outgoing=outgoing,
        journal=runtime.journal,
        clock=clock,
    )
    subscribing = Subscribing(runtime.board, runtime.database, runtime.outbox, outgoing, clock)
    people = People(
        watches,
        advance=advance,
        groups=groups,
        overriding=overriding,
        drilling=drilling,
        subscribing=subscribing,
        commissioning=Commissioning(
            watches, desk=desk, states=runtime.states, book=runtime.book, clock=clock
        ),
        cleaner=cleaner,
        states=runtime.states,
        incidents=runtime.incidents,
        book=runtime.book,
        clock=clock,
    )
    runtime.at_hand = by_hand(people.carry_out, runtime.journal, clock)
    sender = Channels(
        WebhookSender(
            config.allowed_targets,
            clock,
            origin=config.public_url or config.instance,
            own_ports=runtime.own_ports,
            ca_file=config.webhook_ca_file,
        ),
        MailSender(config.smtp, clock, instance=config.instance),
    )
    return Watcher(
        runtime=runtime,
        watches=watches,
        advance=advance,
        desk=desk,
        arrivals=Arrivals(keeper, clock, runtime.key),
        keeper=keeper,
        cleaner=cleaner,
        people=people,
        overriding=overriding,
        drilling=drilling,
        subscribing=subscribing,
        systems=systems,
        groups=groups,
        outgoing=outgoing,
        sender=sender,
    )


def _watch(runtime: Runtime, path: PathConfig) -> Watch:
    send = path.send
    tls = (
        Tls(
            ca_file=send.tls.ca_file,
            certificate=send.tls.certificate,
            key=send.tls.key,
            server_name=send.tls.server_name,
        )
        if send.tls
        else None
    )
    return Watch(
        config=path,
        site=runtime.config.sites[path.site],
        routine=runtime.routines[path.site],
        detector=PathDetector(path.profile, path.cadence),
        client=MllpClient(
            send.host,
            send.port,
            clock=runtime.clock,
            ack_timeout_s=send.ack_timeout_s,
            keep=send.keep_connection,
            tls=tls,
        ),
        since=runtime.clock.now(),
    )
