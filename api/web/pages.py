"""Server-rendered pages: the board, and one incident. Whole without JavaScript."""

from datetime import datetime
from importlib import resources
from typing import cast

import jinja2
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.deps import BoardDep, RuntimeDep, told_of
from api.negotiation import language
from watchdog.detection.explain import SHORT
from watchdog.model.calendar import STOCKHOLM
from watchdog.model.outage import Urgency
from watchdog.routines import labels, phrases

router = APIRouter(include_in_schema=False)
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(str(resources.files("api") / "web" / "templates")),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _clock(moment: datetime | None) -> str:
    return f"{moment.astimezone(STOCKHOLM):%H:%M:%S}" if moment else "–"


def _stamp(moment: datetime | None) -> str:
    return f"{moment.astimezone(STOCKHOLM):%Y-%m-%d %H:%M:%S}" if moment else "–"


ENVIRONMENT.filters["clock"] = _clock
ENVIRONMENT.filters["stamp"] = _stamp
cast("dict[str, object]", ENVIRONMENT.globals).update(
    urgencies=labels.URGENCIES,
    workflows=labels.WORKFLOWS,
    places=labels.PLACES,
    channels=labels.CHANNELS,
    ranks=labels.RANKS,
    audiences=labels.AUDIENCES,
    flag_texts=phrases.FLAGS,
)


@router.get("/", response_class=HTMLResponse)
async def front(request: Request, found: RuntimeDep) -> HTMLResponse:
    """Every path and every clinic, as of now."""
    board, lang = found.board, language(request)
    paths = [(view, board.effective(view)) for view in board.paths()]
    known = {view.config.id for view, _ in paths}  # the others have not been evaluated yet
    asked = [name for name, clinic in board.config.clinics.items() if clinic.path in known]
    clinics = [board.clinic(name) for name in asked]
    order = {"outage": 0, "unknown": 1, "recovering": 2, "degraded": 3}
    paths.sort(key=lambda item: order.get(item[1].state.value, 9))
    clinics.sort(key=lambda view: order.get(view.effective.state.value, 9))
    return page(
        "board.html",
        lang,
        request,
        now=board.clock.now(),
        valid_for=min((e.valid_for_s for _, e in paths), default=0.0),
        paths=paths,
        whole=board.is_whole(),
        clinics=clinics,
        because=SHORT,
        urgencies=list(Urgency),
        epoch=board.epoch,
        revision=board.revision,
    )


@router.get("/incidents/{incident}", response_class=HTMLResponse)
async def one(incident: str, request: Request, found: RuntimeDep, _: BoardDep) -> HTMLResponse:
    """One incident with its timeline."""
    stored, timeline = await told_of(found, incident)
    return page(
        "incident.html",
        language(request),
        request,
        incident=stored,
        timeline=timeline,
        because=SHORT,
        now=found.clock.now(),
    )


def page(template: str, lang: str, request: Request, **values: object) -> HTMLResponse:
    other = "en" if lang == "sv" else "sv"
    html = ENVIRONMENT.get_template(template).render(
        lang=lang, other=other, path=request.url.path, **values
    )
    return HTMLResponse(html, headers={"content-language": lang})
