"""The routines over HTTP: documents, contacts of a minute, and what-if instructions."""

import pytest

from tests.api.conftest import Served
from watchdog.model.outage import Phase, Reason

ASK = "/v1/instructions?site=sas&scenario=om_or_ris_down"


async def test_a_what_if_is_answered_in_the_language_that_was_asked_for(served: Served) -> None:
    swedish = await served.http.get(f"{ASK}&unit=radiology_skene&at=2026-06-18T15:31")
    english = await served.http.get(ASK, headers={"accept-language": "en-GB,sv;q=0.5"})
    assert (swedish.headers["content-language"], swedish.status_code) == ("sv", 200)
    told = swedish.json()
    assert told["fax"][0]["number"] == "033-616 19 57"
    assert told["steps"][0]["text"].startswith("Faxen hos radiologin i Skene är obemannad nu")
    assert told["at"] == "2026-06-18T13:31:00+00:00"
    assert english.json()["headline"].startswith("Electronic referrals do not arrive")


@pytest.mark.parametrize(
    ("accept", "begins"),
    [("text/plain", "Elektroniska remisser"), ("text/html,*/*", "<!doctype html>")],
)
async def test_it_comes_as_text_or_as_a_page(served: Served, accept: str, begins: str) -> None:
    answer = await served.http.get(ASK, headers={"accept": accept})
    assert answer.headers["content-type"].startswith(accept.split(",", maxsplit=1)[0])
    assert answer.text.lstrip().startswith(begins)
    assert "033-616 19 57" in answer.text


async def test_a_clinic_asks_for_its_own_unit(served: Served) -> None:
    told = (await served.http.get(f"{ASK}&clinic=skene_ward&at=2026-06-18T10:00")).json()
    assert (told["unit"], told["fax"][0]["number"]) == ("radiology_skene", "0320- 77 90 71")


async def test_staff_only_numbers_need_a_key(served: Served) -> None:
    night = "/v1/instructions?site=nal&scenario=ris_or_mei_down&urgency=very_urgent"
    open_text = (await served.http.get(night)).text
    assert "+46 31 745 96 10" not in open_text
    assert "teleconsult.net" not in open_text
    assert "619 00" not in (await served.http.get("/v1/routines/halland")).text
    assert (await served.http.get("/v1/sites/nal/contacts")).json()["contacts"] == []
    refused = await served.http.get(f"{night}&audience=radiology")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")
    secret = await served.runtime.keys.make("read", "test", served.runtime.clock.now())
    key = {"authorization": f"Bearer {secret}"}
    told = (await served.http.get(f"{night}&audience=radiology", headers=key)).json()
    assert told["fax"][0]["number"] == "+46 31 745 96 10"
    assert told["phones"][2]["flags"] == ["foreign", "type_mismatch"]


async def test_contacts_say_who_is_there_at_a_minute(served: Served) -> None:
    found = (await served.http.get("/v1/sites/sas/contacts?at=2026-06-18T15:30")).json()
    manned = {contact["id"]: contact["manned_now"] for contact in found["contacts"]}
    assert (manned["fax_boras"], manned["fax_skene"]) == (True, False)
    skene = next(c for c in found["contacts"] if c["id"] == "fax_skene")
    assert skene["next_manned_at"] == "2026-06-22T05:30:00Z"  # Monday after Midsummer, assumed
    assert skene["assumed"] is True


async def test_a_routine_is_read_with_what_it_does_not_say(served: Served) -> None:
    found = (await served.http.get("/v1/routines/su?lang=en")).json()
    assert found["routine"]["document_id"] == "SU9771-677637494-132"
    assert set(found["scenarios"]) == {"melior_read_only", "melior_down", "picsara_down"}
    assert any("no telephone number of VGR IT" in line["text"] for line in found["unsaid"])


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("site=sas&scenario=nothing", 404, "unknown_scenario"),
        ("site=nowhere&scenario=x", 404, "not_found"),
        ("site=sas&scenario=pacs_down&unit=movement", 404, "unknown_unit"),
        ("site=sas&scenario=pacs_down&clinic=none", 404, "unknown_clinic"),
        ("site=halland&scenario=engine_down&clinic=skene_ward", 404, "not_found"),
        ("site=sas&scenario=pacs_down&at=yesterday", 422, "invalid"),
        ("site=sas&scenario=pacs_down&at=9999-12-31T23:59", 422, "invalid"),
        ("site=sas&scenario=pacs_down&urgency=quite", 422, "invalid"),
        ("scenario=pacs_down", 422, "invalid"),
    ],
)
async def test_a_question_that_makes_no_sense_is_a_problem(
    served: Served, query: str, status: int, code: str
) -> None:
    answer = await served.http.get(f"/v1/instructions?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_site_and_a_receiving_unit_have_their_own_documents(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    url = "/v1/sites/halland/status"
    answer = await served.http.get(f"{url}?unit=movement")
    told = answer.json()
    assert (told["state"], told["unit"], told["audience"]) == ("outage", "movement", "clinic")
    watched = told["watched"][0]
    assert watched["id"] == "halland_vas_biztalk_ris"
    assert watched["instruction"]["urgent"]["fax"][0]["number"] == "010-200 72 08"
    assert "619 00" not in answer.text
    assert float(answer.headers["remissvakt-valid-for"]) <= 45
    tag = {"if-none-match": answer.headers["etag"]}
    assert (await served.http.get(f"{url}?unit=movement", headers=tag)).status_code == 304
    assert (await served.http.get(f"{url}?audience=radiology")).status_code == 401
    secret = await served.runtime.keys.make("read", "test", served.runtime.clock.now())
    key = {"authorization": f"Bearer {secret}"}
    staff = (await served.http.get(f"{url}?audience=radiology", headers=key)).json()
    steps = staff["watched"][0]["instruction"]["urgent"]["steps"]
    assert any("Boka patienten för hand" in step["text"]["sv"] for step in steps)
    assert (await served.http.get("/v1/sites/nal/status")).status_code == 404  # nothing watched
