"""What a caller wants done: who may ask for it, what it may be about, and the watching process's answer."""

from fastapi import Request

from api import shapes
from api.auth import may
from watchdog.errors import Refused, UnknownIncident, UnknownPath, UnknownScenario
from watchdog.model.ids import INCIDENT
from watchdog.model.site import GroupConfig
from watchdog.runtime import Runtime
from watchdog.service.asking import ask

ANSWER_S = 15.0


async def carried_out(
    request: Request, found: Runtime, what: str, kind: str, **arguments: str
) -> shapes.Done:
    """Done, if the caller's key may `what` (`api.auth.MAY`) and the watching process did it."""
    key = await may(request, found, what)
    return shapes.Done(outcome="done", detail=await wish(found, kind, arguments, key.name))


async def wish(found: Runtime, kind: str, arguments: dict[str, str], by: str) -> str:
    """Have the watching process carry out a request; Refused with its reason if it will not.

    NotFound if it is about nothing that there can be: what is stored is never what a stranger sent
    in the place of an id.
    """
    _possible(found, arguments)
    done = await ask(
        found.requests,
        kind,
        arguments,
        by=by,
        clock=found.clock,
        patience_s=ANSWER_S,
        at_hand=found.at_hand,
    )
    if done.outcome != "done":
        raise Refused(done.detail)
    return done.detail


def _possible(found: Runtime, arguments: dict[str, str]) -> None:
    config = found.config
    path, incident = arguments.get("path"), arguments.get("incident")
    if path is not None and path not in config.watched:
        raise UnknownPath(config.watched)
    scenario, watched = arguments.get("scenario"), config.watched.get(path or "")
    if scenario and watched is not None:
        allowed = watched.scenarios if isinstance(watched, GroupConfig) else (watched.scenario,)
        if scenario not in allowed:
            raise UnknownScenario(
                f"It has no chapter of that name: there are {', '.join(allowed)}."
            )
    if incident is not None and not INCIDENT.match(incident):
        raise UnknownIncident("No incident has that id.")
    endpoint = arguments.get("endpoint")
    if endpoint is not None and endpoint not in {each.id for each in config.endpoints}:
        raise Refused("No endpoint is called that: `awaiting` of the incident names who is asked.")
