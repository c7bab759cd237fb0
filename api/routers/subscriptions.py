"""Subscriptions: who is told of what, and when; beside those whom the configuration names."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from api import bodies, shapes
from api.auth import may
from api.deps import RuntimeDep
from api.routers.incidents import body_of
from api.routers.paths import ERRORS
from api.wishes import carried_out
from watchdog.config.subscribing import SubscriptionFile, subscriber
from watchdog.model.subscription import written

router = APIRouter(tags=["subscriptions"])
Subscriber = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,59}$")]


@router.get(
    "/v1/subscriptions",
    responses={401: {"model": shapes.Problem}, 403: {"model": shapes.Problem}},
    operation_id="subscriptions",
)
async def listed(request: Request, found: RuntimeDep) -> shapes.SubscriptionsShape:
    """Everybody who is told, configured or subscribed (role admin)."""
    await may(request, found, "subscribe")
    return shapes.SubscriptionsShape(
        subscriptions=[
            shapes.SubscriptionShape(
                id=each.id,
                role=each.role,
                sites=list(each.sites),
                unit=each.unit,
                url=each.url,
                mail=each.to,
                events=list(each.events),
                days=each.hours.days if each.hours else None,
                opens=each.hours.start.isoformat("minutes") if each.hours else None,
                closes=each.hours.end.isoformat("minutes") if each.hours else None,
                configured=not each.subscribed,
            )
            for each in found.board.endpoints
        ]
    )


@router.post(
    "/v1/subscriptions",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="subscribe",
    openapi_extra=body_of(SubscriptionFile),
)
async def subscribe(request: Request, found: RuntimeDep) -> shapes.Done:
    """Be told from the next event on (role admin); the same id again replaces what it was."""
    body = await bodies.read(request, SubscriptionFile)
    await may(request, found, "subscribe")  # before it is said what is wrong with it
    text = written(subscriber(body, found.config))
    return await carried_out(request, found, "subscribe", "subscribe", subscription=text)


@router.post(
    "/v1/subscriptions/{subscriber}/test",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="test_subscription",
)
async def trial(subscriber: Subscriber, request: Request, found: RuntimeDep) -> shapes.Done:
    """Send a test notice to anybody who is told (role admin). The detail is the notice's id."""
    return await carried_out(request, found, "subscribe", "try", subscriber=subscriber)


@router.delete(
    "/v1/subscriptions/{subscriber}",
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="unsubscribe",
)
async def unsubscribe(subscriber: Subscriber, request: Request, found: RuntimeDep) -> shapes.Done:
    """Be told no more (role admin); what waits is not sent. Configured endpoints stay."""
    return await carried_out(request, found, "subscribe", "unsubscribe", subscriber=subscriber)
