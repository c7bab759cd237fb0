"""What clinic systems are told, and how long they may believe it."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Served
from watchdog.errors import StorageError
from watchdog.model.health import OLD_S, Check, Fitness
from watchdog.model.outage import Phase, Reason, State

URL = "/v1/clinics/boras_emergency/status"
STATES = [
    (Phase.CLEAR, Reason.ARRIVING, "normal", "electronic", "electronic"),
    (Phase.SUSPECTED, Reason.SLOW, "degraded", "electronic", "electronic"),
    (Phase.DECLARED, Reason.NOT_ARRIVING, "outage", "paper_and_fax", "paper_and_fax"),
    (Phase.RECOVERING, Reason.ARRIVING_AGAIN, "recovering", "electronic_and_phone", "electronic"),
    (Phase.UNKNOWN, Reason.BLIND, "unknown", "electronic_and_phone", "hold"),
]


@pytest.mark.parametrize(("phase", "reason", "state", "urgent", "other"), STATES)
async def test_every_state_is_an_answer(
    served: Served, phase: Phase, reason: Reason, state: str, urgent: str, other: str
) -> None:
    served.publish(phase, reason)
    answer = await served.http.get(URL)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["reason"]) == (state, reason.value)
    assert (told["workflow"]["urgent"], told["workflow"]["non_urgent"]) == (urgent, other)
    assert (told["instruction"] is not None) is (state == "outage")
    assert all(0 < len(told["banner"]["headline"][lang]) <= 90 for lang in ("sv", "en"))
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("route", ["/v1/status", "/v1/sites/{site}/status"])
async def test_what_has_not_been_evaluated_yet_is_unknown_and_not_left_out(
    served: Served, route: str
) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    config = served.runtime.config
    watched = config.paths["sas_om_ris"]
    url = route.format(site=watched.site)
    config.groups.clear()
    assert (await served.http.get(url)).json()["state"] == "normal"
    assert "För den som saknas" not in (await served.http.get("/")).text
    config.paths["sas_new"] = replace(watched, id="sas_new")
    config.clinics["new"] = replace(config.clinics["boras_emergency"], id="new", path="sas_new")
    served.runtime.board.refresh()
    await asyncio.sleep(0.15)  # a document is kept for a tenth of a second
    assert (await served.http.get(url)).json()["state"] == "unknown"
    for part in ("clinics/new/status", "paths/sas_new"):
        answer = await served.http.get(f"/v1/{part}")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_ready")
    page = await served.http.get("/")
    assert (page.status_code, "För den som saknas här är läget okänt" in page.text) == (200, True)


async def test_a_recovery_that_nobody_evaluates_any_more_is_handled_as_unknown(
    served: Served,
) -> None:
    served.publish(Phase.RECOVERING, Reason.ARRIVING_AGAIN, age_s=16)
    told = (await served.http.get(URL)).json()
    assert (told["state"], told["stale"]) == ("recovering", True)
    assert (told["workflow"]["urgent"], told["workflow"]["non_urgent"]) == (
        "electronic_and_phone",
        "hold",
    )
    assert "okänt" in told["banner"]["headline"]["sv"]


@pytest.mark.parametrize("phase", [Phase.CLEAR, Phase.DECLARED, Phase.RECOVERING])
async def test_health_fails_when_evaluation_has_stopped_whatever_was_found_last(
    served: Served, phase: Phase
) -> None:
    for age_s, status in ((0, "pass"), (16, "fail")):
        served.publish(phase, Reason.NOT_ARRIVING, age_s=age_s)
        checks = (await served.http.get("/healthz")).json()["checks"]
        assert checks["evaluator:age"][0]["status"] == status


async def test_on_the_way_back_nothing_is_said_to_change_by_the_clock(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING, advised=False)
    board = served.runtime.board
    view = board.path("sas_om_ris")
    assert view.incident is not None
    now = served.runtime.clock.now()
    for due, recovering, told in (
        (now + timedelta(minutes=1), None, True),
        (now - timedelta(minutes=1), None, False),  # it comes with the next evaluation
        (now + timedelta(minutes=1), now, False),
    ):
        incident = replace(view.incident, advice_due_at=due, recovering_at=recovering)
        board.publish(replace(view, incident=incident))
        answered = board.clinic("boras_emergency")
        assert (answered.changes_at == due) is told
        assert (answered.changes_at is None) is not told


@pytest.mark.parametrize("route", ["/v1/incidents", "/v1/incidents/inc_1", "/incidents/inc_1"])
async def test_a_database_that_says_nothing_keeps_nobody_waiting(
    served: Served, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)

    async def silent(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    for name in ("get", "listed", "timeline"):
        monkeypatch.setattr(served.runtime.incidents, name, silent)
    answer = await served.http.get(route, timeout=4.0)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage")


async def test_an_outage_that_only_the_journal_has_can_be_read_all_the_same(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    for route in ("/v1/incidents/inc_sas", "/incidents/inc_sas"):
        assert (await served.http.get(route)).status_code == 200

    async def away(*_: object) -> None:
        raise StorageError("it is away")

    monkeypatch.setattr(served.runtime.incidents, "get", away)
    told = (await served.http.get("/v1/incidents/inc_sas")).json()
    assert (told["id"], told["timeline"]) == ("inc_sas", [])


async def test_before_the_hold_off_nobody_is_put_on_paper(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING, advised=False)
    told = (await served.http.get(URL)).json()
    assert (told["state"], told["instruction"]) == ("outage", None)
    assert told["workflow"] == {
        "very_urgent": "electronic_and_phone",
        "urgent": "electronic_and_phone",
        "non_urgent": "hold",
    }


async def test_a_clinic_is_found_by_its_hsa_id_and_asks_for_another_unit(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    by_hsa = "/v1/clinics/SE2321000131-E000000000001/status"
    told = (await served.http.get(by_hsa, params={"unit": "nuclear_medicine"})).json()
    assert (told["clinic"], told["unit"]) == ("boras_emergency", "nuclear_medicine")


async def test_no_staff_number_stands_in_an_open_document(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    told = await served.http.get("/v1/clinics/halmstad_emergency/status")
    assert "619 00" not in told.text
    assert "035-44 72 1" in told.text


async def test_validity_is_what_remains(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    first = float((await served.http.get(URL)).headers["remissvakt-valid-for"])
    await asyncio.sleep(1.1)
    second = float((await served.http.get(URL)).headers["remissvakt-valid-for"])
    assert 0.9 < first - second < 1.6


async def test_a_stale_normal_is_unknown_though_nothing_was_published(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING, age_s=14.2)
    assert (await served.http.get(URL)).json()["state"] == "normal"
    await asyncio.sleep(1.0)
    told = (await served.http.get(URL)).json()
    assert (told["state"], told["reason"]) == ("unknown", "not_evaluated")
    assert told["workflow"]["urgent"] == "electronic_and_phone"


async def test_an_unchanged_document_is_304_and_a_changed_one_is_not(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    tag = (await served.http.get(URL)).headers["etag"]
    epoch, revision, _ = tag.strip('"').split(".")
    assert (int(epoch), int(revision)) == (
        served.runtime.board.epoch,
        served.runtime.board.revision,
    )
    same = await served.http.get(URL, headers={"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")
    assert float(same.headers["remissvakt-valid-for"]) > 0
    served.publish(Phase.UNKNOWN, Reason.BLIND)
    assert (await served.http.get(URL, headers={"if-none-match": tag})).status_code == 200


async def test_the_stream_tells_the_state_at_once_and_at_each_change(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    async with served.http.stream("GET", "/v1/events?clinic=boras_emergency") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.aiter_lines()

        async def state() -> str:
            async for line in lines:
                if line.startswith("data:"):
                    return json.loads(line[5:])["state"]
            raise AssertionError("the stream ended")

        assert await asyncio.wait_for(state(), 3) == "normal"
        served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
        assert await asyncio.wait_for(state(), 3) == "outage"


async def test_paths_and_status_carry_their_coverage(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    path = (await served.http.get("/v1/paths/sas_om_ris")).json()
    assert path["coverage"]["message_type"] == "OMG^O19"
    assert "Asynja" in path["coverage"]["not_exercised"]
    assert path["readers"] == ["listener", "worklist"]
    status = (await served.http.get("/v1/status")).json()
    assert [p["id"] for p in status["paths"]] == ["sas_om_ris", "halland_vas_biztalk_ris"]


async def test_health_is_our_own_and_never_the_hospitals(served: Served) -> None:
    assert (await served.http.get("/livez")).status_code == 200
    assert (await served.http.get("/readyz")).status_code == 503
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    assert (await served.http.get("/readyz")).status_code == 200
    health = await served.http.get("/healthz")
    assert (health.status_code, health.json()["status"]) == (200, "pass")


async def test_metrics_name_configured_ids_only(served: Served) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    text = (await served.http.get("/metrics")).text
    assert 'remissvakt_path_state{path="sas_om_ris",state="outage"} 1.0' in text
    assert "remissvakt_evaluated_timestamp_seconds" in text


async def test_openapi_has_an_example_for_every_state(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    schema = (await served.http.get("/openapi.json")).json()
    assert schema["openapi"] == "3.1.0"
    answer = schema["paths"]["/v1/clinics/{clinic}/status"]["get"]["responses"]["200"]
    examples = answer["content"]["application/json"]["examples"]
    assert {e["value"]["state"] for e in examples.values()} == {state.value for state in State}


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_the_board_is_whole_without_javascript(served: Served, language: str) -> None:
    served.publish(Phase.DECLARED, Reason.NOT_ARRIVING)
    page = await served.http.get("/", headers={"accept-language": language})
    assert page.headers["content-language"] == language
    assert f'<html lang="{language}">' in page.text
    assert "033-616 19 57" in page.text
    assert ("Driftstopp" if language == "sv" else "Outage") in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]


def _check(name: str, fitness: Fitness) -> Check:
    return Check(name=name, value=1.0, unit="s", fitness=fitness, at=datetime.now(UTC))


async def test_the_status_says_how_the_watchdog_itself_is_while_that_is_known(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def told() -> tuple[str, list[str]]:
        await asyncio.sleep(0.15)  # it is formed at most ten times a second
        found = (await served.http.get("/v1/status")).json()["watchdog"]
        assert found["peers"] == []
        return found["fitness"], found["wanting"]

    served.publish(Phase.CLEAR, Reason.ARRIVING)
    board = served.runtime.board
    assert await told() == ("unknown", [])  # nobody has looked
    well, late = _check("database:write", Fitness.WELL), _check("outbox:oldestAge", Fitness.WARN)
    board.looked([well])
    before = (await served.http.get("/v1/status")).headers["etag"]
    assert await told() == ("pass", [])
    board.looked([well, late])
    assert await told() == ("warn", ["outbox:oldestAge"])
    assert (await served.http.get("/v1/status")).headers["etag"] != before
    board.looked([well, late, _check("detector:shadow", Fitness.FAIL)])
    assert await told() == ("fail", ["detector:shadow", "outbox:oldestAge"])
    monkeypatch.setattr(board, "checked", board.clock.monotonic() - OLD_S - 1)
    assert await told() == ("unknown", [])
