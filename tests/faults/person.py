"""A person who declares and clears outages over HTTP, and repeats what could not be done yet."""

import asyncio

import httpx

from tests.faults.ending import Wrong
from tests.support.single import Single

OK, UNAVAILABLE = 200, 503
PATIENCE_S, AGAIN_S, ANSWER_S = 45.0, 1.0, 12.0


class Person:
    """Somebody with a key of the role `clear`, who may declare with it too."""

    def __init__(self, site: Single, header: dict[str, str]) -> None:
        self._site, self._header = site, header
        self.declared, self.cleared, self.repeated = 0, 0, 0

    async def declare(self, path: str) -> str:
        """The incident's id."""
        body = {"path": path, "reason": "remisser kommer inte fram"}
        said = await self._insist("/v1/incidents", body)
        self.declared += 1
        return said

    async def clear(self, incident: str) -> None:
        """It stands until the database takes the all-clear and the probes pass."""
        where = f"/v1/incidents/{incident}/clear"
        await self._insist(where, {"reason": "det fungerar igen"}, enough="nothing to clear")
        self.cleared += 1

    async def _insist(self, where: str, body: dict[str, str], enough: str = "") -> str:
        """Ask until it was done, or `enough` is said; Wrong if it never is, or for another 5xx."""
        http, clock = self._site.node.http, self._site.clock
        end, said = clock.monotonic() + PATIENCE_S, ""
        while clock.monotonic() < end:
            try:
                answer = await http.post(where, json=body, headers=self._header, timeout=ANSWER_S)
            except httpx.HTTPError as error:
                raise Wrong(f"{where} was not answered: {type(error).__name__}") from None
            said = f"{answer.status_code} {answer.text[:300]}"
            if answer.status_code == OK and "stands until" not in answer.text:
                return str(answer.json()["detail"])
            if enough and enough in answer.text:  # what was promised before has been done meanwhile
                return ""
            if answer.status_code >= 500 and answer.status_code != UNAVAILABLE:
                break
            self.repeated += 1
            await asyncio.sleep(AGAIN_S)
        raise Wrong(f"{where} was answered {said}")
