"""The hospital's HTTP side: RIS read interfaces, the webhook receiver, and the switchboard of faults."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from watchdog.clock import Clock
from watchdog.simulator.faults import Fault, FaultKind
from watchdog.simulator.ris import fhir_resource, fhir_search

if TYPE_CHECKING:
    from watchdog.simulator.hospital import Hospital


@dataclass(slots=True)
class Hooks:
    """A webhook receiver that verifies signatures and remembers ids, as a careful one does."""

    secrets: dict[str, str]
    clock: Clock
    file: Path | None = None
    received: list[dict[str, Any]] = field(default_factory=lambda: [])
    down: bool = False
    """Answers 503 to everything."""

    def take(self, name: str, headers: dict[str, str], body: bytes) -> int:
        """The status to answer; every call is logged, verified or not."""
        if self.down:
            return 503
        try:
            data: Any = Webhook(self.secrets[name]).verify(body, headers)
            verified = True
        except (WebhookVerificationError, KeyError):
            data, verified = {}, False
        line = {
            "at": self.clock.now().isoformat(),
            "endpoint": name,
            "webhook_id": headers.get("webhook-id", ""),
            "verified": verified,
            "type": data.get("type", ""),
            "path": data.get("subject", ""),
            "epoch": data.get("epoch"),
            "data": data.get("data", {}),
        }
        self.received.append(line)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return 204 if verified else 401

    def told(self, kind: str, endpoint: str | None = None) -> list[dict[str, Any]]:
        """Verified webhooks of one kind of incident event, in the order of their coming."""
        return [
            line
            for line in self.received
            if line["verified"]
            and line["type"] == f"se.remissvakt.incident.{kind}.v1"
            and endpoint in (None, line["endpoint"])
        ]


def application(hospital: "Hospital") -> Starlette:  # noqa: C901 - a list of routes
    """The routes of one hospital."""

    async def record(request: Request) -> Response:
        ris = hospital.lanes[request.path_params["lane"]].ris
        if ris.fault.kind is FaultKind.WORKLIST_DOWN:
            return Response(status_code=503)
        found = ris.orders.get(request.path_params["placer"])
        if found is None:
            return JSONResponse({"arrived": False}, status_code=404)
        return JSONResponse({"arrived": True, "text": found.text, "cancelled": found.cancelled})

    async def fhir(request: Request) -> Response:
        ris = hospital.lanes[request.path_params["lane"]].ris
        if ris.fault.kind is FaultKind.WORKLIST_DOWN:
            return Response(status_code=503)
        found = fhir_search(list(ris.orders.values()), request.query_params)
        if found is None and "handling=strict" in request.headers.get("prefer", ""):
            return JSONResponse({"resourceType": "OperationOutcome"}, status_code=400)
        known = ris.orders.values() if found is None else found
        entries = [{"resource": fhir_resource(record)} for record in known]
        return JSONResponse({"resourceType": "Bundle", "type": "searchset", "entry": entries})

    async def hook(request: Request) -> Response:
        body = await request.body()
        status = hospital.hooks.take(request.path_params["name"], dict(request.headers), body)
        return Response(status_code=status)

    async def faults(request: Request) -> Response:
        asked = await request.json()
        lane = asked.pop("lane")
        kind = FaultKind(asked.pop("fault"))
        await hospital.inject(lane, Fault(kind=kind, **asked))
        return JSONResponse(hospital.describe())

    async def feedback(request: Request) -> Response:
        asked = await request.json()
        hospital.lanes[asked["lane"]].ris.feedback = (asked["host"], int(asked["port"]))
        return JSONResponse(hospital.describe())

    async def hooks(request: Request) -> Response:
        hospital.hooks.down = bool((await request.json())["down"])
        return JSONResponse({"down": hospital.hooks.down})

    async def ids7(_: Request) -> Response:
        """The image archive's web client: it needs the archive."""
        if not hospital.pacs.is_open:
            return PlainTextResponse("no archive", status_code=503)
        return PlainTextResponse("Sectra IDS7 (simulated)")

    async def describe(_: Request) -> Response:
        return JSONResponse(hospital.describe())

    return Starlette(
        routes=[
            Route("/ris/{lane}/orders/{placer}", record),
            Route("/ris/{lane}/fhir/ServiceRequest", fhir),
            Route("/hooks/{name}", hook, methods=["POST"]),
            Route("/ids7", ids7),
            Route("/control", describe),
            Route("/control/faults", faults, methods=["POST"]),
            Route("/control/feedback", feedback, methods=["POST"]),
            Route("/control/hooks", hooks, methods=["POST"]),
        ]
    )
