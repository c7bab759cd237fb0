"""Asks over HTTP each 15 s; what to do in between is answered from memory. No redirect is followed."""

import threading
import time
from types import TracebackType
from urllib.parse import quote

import httpx

from remissvakt_client.judge import MOST_BYTES, Advice, Judge

POLL_S, CONNECT_S, TOTAL_S = 15.0, 2.0, 5.0
MOST_ASKING = 4


def _seconds() -> float:
    """Monotonic seconds that go on while the machine sleeps, where the system has such a clock."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux: time.monotonic() stands still then
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Client:
    """One clinic's client. `poll()` each 15 s, `advice()` whenever a referral is sent."""

    def __init__(
        self,
        url: str,
        clinic: str,
        *,
        key: str = "",
        card: str = "",
        sandbox: bool = False,
        total_s: float = TOTAL_S,
    ) -> None:
        """`card`: what the printed card says, kept on this machine for when nothing else answers.

        `sandbox`: believe a sandbox too; never so where patients are.
        """
        headers = {"accept": "application/json"} | (
            {"authorization": f"Bearer {key}"} if key else {}
        )
        self._url = f"{url.rstrip('/')}/v1/clinics/{quote(clinic, safe='')}/status"
        self._total_s, self._sandbox = total_s, sandbox
        self._http = httpx.Client(
            timeout=httpx.Timeout(total_s, connect=CONNECT_S),
            follow_redirects=False,
            trust_env=False,
            headers=headers,
        )
        self._judge = Judge(clinic, _seconds(), card)
        self._asking: list[threading.Thread] = []
        """Questions that were given up and have not ended."""

    def poll(self) -> bool:
        """Ask once, within five seconds; False if nothing came that may be believed."""
        self._asking = [each for each in self._asking if each.is_alive()]
        if len(self._asking) >= MOST_ASKING:
            return False
        asked, answers = _seconds(), list[tuple[int, dict[str, str], bytes]]()
        # httpx limits each wait, not their sum: a server that drips would hold us for hours
        asking = threading.Thread(target=self._ask, args=(answers,), daemon=True)
        asking.start()
        asking.join(self._total_s)
        if asking.is_alive():
            self._asking.append(asking)
            return False
        return any(self._judge.heard(*answer, asked) for answer in answers)

    def _ask(self, answers: list[tuple[int, dict[str, str], bytes]]) -> None:
        """Put the answer there, if there is one of a possible size that is not the sandbox's."""
        body = b""
        try:
            with self._http.stream("GET", self._url) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES:
                        return
                headers = dict(response.headers)
        except (httpx.HTTPError, httpx.InvalidURL, RuntimeError):  # closed meanwhile, the last one
            return
        if self._sandbox or "remissvakt-sandbox" not in headers:
            answers.append((response.status_code, headers, body))

    def advice(self) -> Advice:
        """What to do this moment, without asking anybody."""
        return self._judge.advice(_seconds())

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()
