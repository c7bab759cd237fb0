"""Asks over HTTP each 15 s; what to do in between is answered from memory. No redirect is followed."""

import time
from types import TracebackType
from urllib.parse import quote

import httpx

from remissvakt_client.judge import MOST_BYTES, Advice, Judge

POLL_S, CONNECT_S, TOTAL_S = 15.0, 2.0, 5.0


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
        self._judge = Judge(clinic, time.monotonic(), card)

    def poll(self) -> bool:
        """Ask once, within five seconds; False if nothing came that may be believed."""
        asked = time.monotonic()
        body = b""
        try:
            with self._http.stream("GET", self._url) as response:
                for part in response.iter_bytes():
                    body += part
                    if len(body) > MOST_BYTES or time.monotonic() - asked > self._total_s:
                        return False
                headers = dict(response.headers)
                if "remissvakt-sandbox" in headers and not self._sandbox:
                    return False
                return self._judge.heard(response.status_code, headers, body, asked)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False

    def advice(self) -> Advice:
        """What to do this moment, without asking anybody."""
        return self._judge.advice(time.monotonic())

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
