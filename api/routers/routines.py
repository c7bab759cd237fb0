"""What the routines say: the documents, whom to reach at a minute, and what-if instructions."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from api import instructions, negotiation, routine_documents, shapes, site_documents
from api.auth import signed_in
from api.deps import BoardDep, PrebuiltDep, RuntimeDep
from api.instruction_shapes import InstructionAtShape
from api.routers.paths import NOT_NOW, answered
from api.routine_shapes import ContactsShape, RoutineDocumentShape
from api.web.pages import page
from watchdog.errors import NotFound, UnknownScenario, UnknownUnit
from watchdog.model.instruction import Clinic
from watchdog.model.outage import Urgency
from watchdog.model.routine import Audience, Routine
from watchdog.routines import plain
from watchdog.routines.moment import moment_of
from watchdog.routines.select import anyone, instruct
from watchdog.runtime import Runtime

router = APIRouter(tags=["routines"])
Name = Annotated[str, Query(min_length=1, max_length=80)]
At = Annotated[str | None, Query(max_length=40, description="ISO 8601; bare: Swedish time.")]
Audiences = Annotated[Audience, Query(description="Others than clinic need an API key.")]
ERRORS = {
    401: {"model": shapes.Problem},
    404: {"model": shapes.Problem},
    422: {"model": shapes.Problem},
}
TEXTS: dict[str, dict[str, dict[str, str]]] = {"content": {"text/html": {}, "text/plain": {}}}


@router.get(
    "/v1/routines/{site}",
    response_model=RoutineDocumentShape,
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="routine",
)
async def routine(
    site: str, request: Request, found: RuntimeDep, audience: Audiences = Audience.CLINIC
) -> Response:
    """A site's routine as data, in one language; staff-only contacts need an API key."""
    await _admitted(request, found, audience)
    routine = _site(found, site)
    moment = moment_of(routine, found.clock.now())
    document = routine_documents.routine(routine, moment, audience)
    return _json(request, document.model_dump(mode="json"))


@router.get(
    "/v1/sites/{site}/contacts",
    response_model=ContactsShape,
    responses=ERRORS,  # pyright: ignore[reportArgumentType]
    operation_id="site_contacts",
)
async def contacts(
    site: str,
    request: Request,
    found: RuntimeDep,
    at: At = None,
    audience: Audiences = Audience.CLINIC,
) -> Response:
    """Who can be reached at a minute: manned or not, when next, and what is odd about a number."""
    await _admitted(request, found, audience)
    routine, now = _site(found, site), negotiation.moment(at, found.clock.now())
    document = routine_documents.contacts(routine, moment_of(routine, now), now, audience)
    return _json(request, document.model_dump(mode="json"))


@router.get(
    "/v1/sites/{site}/status",
    response_model=shapes.SiteShape,
    responses={**ERRORS, **NOT_NOW},  # pyright: ignore[reportArgumentType]
    operation_id="site_status",
)
async def status(  # noqa: PLR0917 - each is a parameter of the question
    site: str,
    request: Request,
    found: RuntimeDep,
    board: BoardDep,
    prebuilt: PrebuiltDep,
    unit: Annotated[str | None, Query(max_length=80)] = None,
    audience: Audiences = Audience.CLINIC,
) -> Response:
    """Everything watched at a site now, with its instruction; `unit` for one receiving unit."""
    await _admitted(request, found, audience)
    routine = _site(found, site)
    if site not in found.config.sites:
        raise NotFound(f"Nothing is watched there: {', '.join(sorted(found.config.sites))} are.")
    if unit is not None and unit not in routine.units:
        raise UnknownUnit(f"No such unit: there are {', '.join(routine.units)}.")
    return answered(request, prebuilt, site_documents.site(board, site, unit, audience))


@router.get(
    "/v1/instructions",
    response_model=InstructionAtShape,
    responses={**ERRORS, 200: TEXTS},  # pyright: ignore[reportArgumentType]
    operation_id="instructions",
)
async def what_if(  # noqa: PLR0917 - each is a parameter of the question
    request: Request,
    found: RuntimeDep,
    site: Name,
    scenario: Name,
    clinic: Annotated[str | None, Query(max_length=80)] = None,
    unit: Annotated[str | None, Query(max_length=80)] = None,
    urgency: Urgency = Urgency.URGENT,
    at: At = None,
    audience: Audiences = Audience.CLINIC,
) -> Response:
    """What the routine would say, in or out of an outage. JSON, a page or plain text by `Accept`."""
    await _admitted(request, found, audience)
    routine, now = _site(found, site), negotiation.moment(at, found.clock.now())
    if scenario not in routine.scenarios:
        raise UnknownScenario(f"The routine has {', '.join(routine.scenarios)}.")
    asking = _asking(found, routine, clinic, unit)
    told = instruct(routine, scenario, asking, urgency, now, unit=unit, audience=audience)
    lang, title = negotiation.language(request), routine.scenarios[scenario].title
    match negotiation.media_type(request):
        case negotiation.PLAIN:
            return PlainTextResponse(plain.told(told, title, now, lang), headers=_headers(lang))
        case negotiation.HTML:
            return page("instruction.html", lang, request, told=told, title=title, at=now)
        case _:
            return _json(request, instructions.instruction(told).model_dump(mode="json"), now)


async def _admitted(request: Request, found: Runtime, audience: Audience) -> None:
    """Open documents are the clinics'; what staff only may see needs a key (X-10)."""
    if audience is not Audience.CLINIC:
        await signed_in(request, found)


def _site(found: Runtime, site: str) -> Routine:
    if site not in found.routines:
        raise NotFound(f"No routine of that site: there are {', '.join(sorted(found.routines))}.")
    return found.routines[site]


def _asking(found: Runtime, routine: Routine, clinic: str | None, unit: str | None) -> Clinic:
    if unit is not None and unit not in routine.units:
        raise UnknownUnit(f"No such unit: there are {', '.join(routine.units)}.")
    if clinic is None:
        return anyone(routine, unit)
    asking = found.board.clinic_named(clinic)
    if asking.site != routine.site:
        raise NotFound("That clinic belongs to another site.")
    return asking


def _json(request: Request, document: object, at: datetime | None = None) -> Response:
    lang = negotiation.language(request)
    told = instructions.in_one_language(document, lang)
    return JSONResponse(
        told if at is None else {**told, "at": at.isoformat()}, headers=_headers(lang)
    )


def _headers(lang: str) -> dict[str, str]:
    return {"content-language": lang, "vary": "accept, accept-language"}
