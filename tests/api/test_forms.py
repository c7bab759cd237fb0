"""Forms over HTTP: a PDF with a recorded number, or a problem."""

from tests.api.conftest import Served
from watchdog.storage import serials


async def test_a_form_comes_over_http_with_a_recorded_number(served: Served) -> None:
    url = "/v1/forms/paper_referral.pdf?clinic=boras_emergency"
    answer = await served.http.get(url)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["remissvakt-serials"] == "recorded"
    assert len(await serials.listed(served.runtime.database, "boras_emergency")) == 1
    assert (await served.http.get(f"{url}&unit=movement")).status_code == 404
    assert (await served.http.get(f"{url}&copies=0")).status_code == 422
    assert (await served.http.get("/v1/forms/nothing.pdf?clinic=skene_ward")).status_code == 404
    assert (await served.http.get("/v1/forms/wall_card.pdf?clinic=skene_ward")).status_code == 200
    wrong_key = {"authorization": "Bearer wdk_nothing"}
    assert (await served.http.get(url, headers=wrong_key)).status_code == 401
