"""A subscription is held against the configuration, and a refusal repeats nothing that was sent."""

from typing import Any

from tests.api.conftest import Served

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"id": "it"}, "has that id already"),
    ({"sites": ["norrtalje"]}, "sites: one of them is not configured"),
    ({"url": "http://10.0.0.7/x"}, "must be https"),
    ({"secret": "nobodys"}, "no secret of that name"),
    ({"url": "", "secret": ""}, "needs either"),
    ({"url": "", "mail": "jour@sjukhus.test"}, "needs `notify.smtp`"),
    ({"events": ["everything"]}, "does not fit in: events"),
    ({"role": "receiving_unit"}, "needs `unit`"),
    ({"from": "17:00", "to": "08:00"}, "must begin before they end"),
]


async def test_what_cannot_be_told_is_refused_with_the_reason(served: Served) -> None:
    key = await served.runtime.keys.make("admin", "eva", served.runtime.clock.now())
    for change, said in WRONG:
        body = {
            **{"id": "on_call", "role": "it", "sites": ["sas"], "url": "https://it.sjukhus.test/x"},
            **{"secret": "it", **change},
        }
        answer = await served.http.post(
            "/v1/subscriptions", json=body, headers={"authorization": f"Bearer {key}"}
        )
        assert answer.status_code == 409
        assert said in answer.json()["detail"]
        assert "norrtalje" not in answer.text
