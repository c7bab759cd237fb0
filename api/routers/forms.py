"""Forms and cards as PDF: paper for a clinic, each sheet with its own number."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import shapes
from api.auth import signed_in
from api.deps import RuntimeDep
from watchdog.errors import NotFound, UnknownUnit
from watchdog.forms.issue import form_pdf
from watchdog.forms.layout import CARD, FORMS
from watchdog.runtime import Runtime

router = APIRouter(tags=["routines"])
MOST_COPIES = 50
Copies = Annotated[int, Query(ge=1, le=MOST_COPIES)]
PDF = "application/pdf"
NOT_RECORDED = "not-recorded"


@router.get(
    "/v1/forms/{form}.pdf",
    response_class=Response,
    responses={
        200: {"content": {PDF: {}}},
        401: {"model": shapes.Problem},
        404: {"model": shapes.Problem},
        422: {"model": shapes.Problem},
    },
    operation_id="form",
)
async def form(  # noqa: PLR0917 - each is a parameter of the question
    form: str,
    request: Request,
    found: RuntimeDep,
    clinic: Annotated[str, Query(min_length=1, max_length=80)],
    unit: Annotated[str | None, Query(max_length=80)] = None,
    copies: Copies = 1,
    fillable: bool = True,
) -> Response:
    """A form for a clinic, prefilled with numbers and units, never with a patient.

    Each call issues new serial numbers. `Remissvakt-Serials` says whether they were recorded. A number
    that only staff may see is printed for callers with an API key.
    """
    if form not in FORMS:
        raise NotFound(f"No form of that name: there are {', '.join(FORMS)}.")
    asking = found.board.clinic_named(clinic)
    routine = found.routines[asking.site]
    if unit is not None and unit not in routine.units:
        raise UnknownUnit(f"No such unit: there are {', '.join(routine.units)}.")
    serials, recorded = [""], True
    if form != CARD:
        serials, recorded = await found.serials.issue(asking.id, copies, "api")
    staff = "authorization" in request.headers and bool(await signed_in(request, found))
    body = await asyncio.to_thread(  # fifty sheets take half a second: nobody's status waits for it
        form_pdf,
        form,
        routine,
        asking,
        serials,
        found.clock.now(),
        unit=unit,
        incident=_incident(found, asking.path),
        fillable=fillable,
        staff=staff,
    )
    return Response(
        body,
        media_type=PDF,
        headers={
            "content-disposition": f'inline; filename="{form}-{asking.id}.pdf"',
            "content-language": "sv",
            "remissvakt-serials": "recorded" if recorded else NOT_RECORDED,
        },
    )


def _incident(found: Runtime, watched: str) -> str:
    """The number to write on the form while an outage is declared; empty otherwise."""
    for view in found.board.paths():
        incident = view.incident
        if view.config.id == watched and incident is not None and incident.is_outage:
            return incident.id
    return ""
