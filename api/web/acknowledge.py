"""The page on which a person acknowledges by typing a name. Opening it acknowledges nothing.

Mail scanners and link previews open every address that they see (GET, HEAD); only a form that
somebody filled in and sent counts. The address itself is the permission, so no key is asked for.
"""

from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api import bodies
from api.deps import ANSWER_S, RuntimeDep, in_memory
from api.negotiation import language
from api.web.pages import page
from api.wishes import wish
from watchdog.detection.explain import SHORT
from watchdog.errors import NotFound, Refused, StorageError
from watchdog.incidents.address import is_code
from watchdog.model.incident import Incident
from watchdog.runtime import Runtime
from watchdog.within import within

router = APIRouter(include_in_schema=False)
LEAST_NAME, MOST_NAME = 2, 80
ADDRESS = "/acknowledge/{incident}/{endpoint}/{code}"


@router.get(ADDRESS, response_class=HTMLResponse)
async def show(
    incident: str, endpoint: str, code: str, request: Request, found: RuntimeDep
) -> HTMLResponse:
    """What has happened, and a form."""
    stored = await _incident(found, incident, endpoint, code)
    return _page(request, found, stored, endpoint)


@router.post(ADDRESS, response_class=HTMLResponse)
async def acknowledge(
    incident: str, endpoint: str, code: str, request: Request, found: RuntimeDep
) -> HTMLResponse:
    """Take the name. The page again, with what came of it."""
    stored = await _incident(found, incident, endpoint, code)
    name, also = await bodies.fields(request, "name", "also")
    if not LEAST_NAME <= len(name) <= MOST_NAME:
        return _page(request, found, stored, endpoint, missing=True)
    arguments = {"incident": stored.id, "endpoint": endpoint, "name": name, "also": also}
    refused = ""
    try:
        await wish(found, "acknowledge", arguments, "")
    except Refused as error:
        refused = str(error)
    again = await _incident(found, incident, endpoint, code)
    return _page(request, found, again, endpoint, refused=refused)


def _page(
    request: Request,
    found: Runtime,
    stored: Incident,
    endpoint: str,
    *,
    missing: bool = False,
    refused: str = "",
) -> HTMLResponse:
    config = found.config
    waiting = (view.incident for view in found.board.paths())
    others = [
        (other.id, config.watched[other.path].name)
        for other in waiting
        if other is not None and other.id != stored.id and other.site == stored.site
        if endpoint in other.awaited
    ]
    return page(
        "acknowledge.html",
        language(request),
        request,
        incident=stored,
        endpoint=endpoint,
        awaited=endpoint in stored.awaited,
        watched=config.watched[stored.path],
        others=[] if stored.drill else others,
        site=config.sites[stored.site],
        because=SHORT,
        missing=missing,
        refused=refused,
        now=found.clock.now(),
    )


async def _incident(found: Runtime, incident: str, endpoint: str, code: str) -> Incident:
    """The incident, if the address is one of ours. NotFound otherwise, whatever is wrong with it."""
    stored = None
    if incident.isprintable() and is_code(found.key, incident, endpoint, code):
        with suppress(StorageError):
            stored = await within(ANSWER_S, found.incidents.get(incident))
        stored = stored or in_memory(found, incident)
    if stored is None or stored.path not in found.config.watched:
        raise NotFound("No such page.")
    return stored
