"""What a stranger sends is neither repeated nor kept under another name."""

import json

import pytest

from tests.api.conftest import Served
from watchdog.model.outage import Phase, Reason

NAME = "ZQCANARYX"


async def test_the_name_of_an_unknown_field_is_not_repeated(served: Served) -> None:
    body = {"path": "sas_om_ris", "reason": "drill", NAME: "x"}
    answer = await served.http.post("/v1/incidents", json=body, headers=await served.key())
    assert answer.status_code == 422
    assert NAME not in answer.text


@pytest.mark.parametrize("field", ["path", "scenario"])
async def test_what_cannot_be_an_id_is_refused_before_anybody_carries_it_out(
    served: Served, field: str
) -> None:
    body = {"path": "sas_om_ris", "reason": "drill", field: "Karin Zq 189107059983"}
    answer = await served.http.post("/v1/incidents", json=body, headers=await served.key())
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_body")


async def test_an_instruction_is_what_the_document_says_it_is(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    schema = (await served.http.get("/openapi.json")).json()
    shape = schema["components"]["schemas"]["InstructionAtShape"]
    asked = {"site": "sas", "scenario": "om_or_ris_down"}
    told = json.loads((await served.http.get("/v1/instructions", params=asked)).text)
    assert set(told) <= set(shape["properties"])


async def test_a_method_that_is_not_there_names_those_that_are(served: Served) -> None:
    answer = await served.http.request("PATCH", "/v1/incidents")
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["allow"].replace(" ", "").split(","))
