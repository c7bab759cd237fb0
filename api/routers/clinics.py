"""What clinic systems poll: how a referral is sent now."""

from fastapi import APIRouter, Response

from api import shapes
from api.deps import BoardDep, PrebuiltDep
from api.routers.paths import NOT_NOW

router = APIRouter(tags=["status"])


@router.get(
    "/v1/clinics/{clinic}/status",
    response_model=shapes.ClinicShape,
    responses={404: {"model": shapes.Problem}, **NOT_NOW},  # pyright: ignore[reportArgumentType]
    operation_id="clinic_status",
)
async def clinic_status(
    clinic: str, board: BoardDep, prebuilt: PrebuiltDep, unit: str | None = None
) -> Response:
    """How the clinic (id or HSA-id) sends a referral this minute. 200 for every monitored state.

    Believe it for `Remissvakt-Valid-For` seconds from the moment you asked, then ask again or
    treat the state as unknown.
    """
    board.clinic_named(clinic)
    answer = prebuilt.clinic(clinic, unit)
    response = Response(answer.document.body)
    response.raw_headers[:] = answer.start["headers"]
    return response
