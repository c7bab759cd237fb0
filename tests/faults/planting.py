"""Where a patient can come in: each entrance of the service, and bytes in which one is hidden there."""

import contextlib
import itertools
import json
import random
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from tests.faults.canary import Canary

VT, FS, END = b"\x0b", b"\x1c", b"\x1c\r"
LARGEST = 1024 * 1024
WAIT_S = 3.0


@dataclass
class Entrances:
    """Ports, an admin's key, placer numbers of ours; and every answer that came back."""

    url: str
    key: str
    feedback: list[int]
    tap_mllp: list[int]
    tap_lines: list[int]
    placers: list[str]
    chance: random.Random
    answers: list[bytes] = field(default_factory=list[bytes])

    def all(self) -> Iterator[tuple[str, Callable[[Canary], None]]]:
        """Every entrance by name, for ever."""
        return itertools.cycle(
            (
                ("feedback", self._feedback),
                ("feedback about ours", self._ours),
                ("feedback damaged", self._damaged),
                ("tap", self._tap),
                ("tap overlong", self._overlong),
                ("tap lines", self._lines),
                ("API body", self._body),
                ("API address", self._address),
            )
        )

    def _send(self, port: int, data: bytes) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as wire:
            wire.settimeout(0.3)
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
            held = b""
            while part := wire.recv(65_536):
                held += part
            self.answers.append(held)

    def _feedback(self, who: Canary) -> None:
        self._send(self.chance.choice(self.feedback), VT + message(who, "R4711") + END)

    def _ours(self, who: Canary) -> None:
        """Believed: it is about an order that we sent; the names are where names stand."""
        placer = self.chance.choice(self.placers)
        for port in self.feedback:
            self._send(port, VT + message(who, placer) + END)

    def _damaged(self, who: Canary) -> None:
        whole = message(who, self.chance.choice(("R4711", *self.placers[:1])))
        data = self.chance.choice(
            (
                whole,  # no frame at all
                VT + whole,  # never ended
                VT + whole + VT + whole + END,
                VT + whole.replace(b"\r", b"") + END,
                VT + whole.replace(b"|", b"\xc3") + END,
                VT + whole[3:] + END,
                VT + whole + who.family.encode() * (LARGEST // 9 + 1) + END,
                VT + whole.replace(b"2.3.1", b"2.3.1||||||\xff\xfe") + END,
                VT + who.number.encode() + END + VT + whole + FS,
            )
        )
        self._send(self.chance.choice(self.feedback), data)

    def _tap(self, who: Canary) -> None:
        placer = f"R{self.chance.randrange(10**9)}"
        self._send(self.chance.choice(self.tap_mllp), VT + message(who, placer, "NW") + END)

    def _overlong(self, who: Canary) -> None:
        """Fields that were filled wrongly: a placer number, a sender, a control code."""
        hidden = f"{who.family} {who.number} " * 4
        data = self.chance.choice(
            (
                message(who, hidden, "NW"),
                message(who, "R4711", hidden[:23]),
                message(who, "R4711", "NW").replace(b"RIS|SAS", hidden.encode() + b"|SAS", 1),
            )
        )
        self._send(self.chance.choice(self.tap_mllp), VT + data + END)

    def _lines(self, who: Canary) -> None:
        body = self.chance.choice(
            (
                json.dumps({"placer": f"R{who.number}", "control": "NW", "sender": "OM"}),
                json.dumps({"placer": "R1", "patient": who.number}),
                json.dumps({"placer": "R1", who.family: 1}),
                json.dumps({"placer": f"{who.family}{who.number}" * 9}),
                json.dumps({"placer": [who.number], "control": who.family}),
                f'{{"placer": "R1"}}\n{who.family} {who.number}',
                who.family,
            )
        )
        self._ask("POST", f"http://127.0.0.1:{self.chance.choice(self.tap_lines)}/", body)

    def _body(self, who: Canary) -> None:
        drill = {"path": "sas_om_ris", "reason": "drill"}
        body = self.chance.choice(
            (
                json.dumps({**drill, "patient": who.number}),
                json.dumps({**drill, who.family: who.number}),
                json.dumps({**drill, "reason": [who.number, who.family]}),
                json.dumps({**drill, "reason": f"{who.family} {who.number}" * 99}),
                json.dumps({"path": who.family, "reason": "drill"}),
                json.dumps({**drill, "scenario": who.number}),
                f'{{"path": {who.number}, "reason": {who.family}',
                f"{who.family}\x00{who.number}",
            )
        )
        keyed = self.chance.random() < 0.7
        self._ask("POST", f"{self.url}/v1/incidents", body, self.key if keyed else who.number)

    def _address(self, who: Canary) -> None:
        """The asker sees its own address again (`instance`); nobody else may."""
        tail = self.chance.choice(
            (
                f"/v1/clinics/{who.number}/status",
                f"/v1/clinics/boras_emergency/status?unit={who.family}",
                f"/v1/incidents/{who.number}",
                f"/v1/incidents?limit={who.number}",
                f"/{who.family}?q={who.number}",
                f"/v1/instructions?site=sas&scenario={who.family}",
            )
        )
        self._ask("GET", f"{self.url}{tail}", "", keep=False)

    def _ask(self, method: str, url: str, body: str, key: str = "", *, keep: bool = True) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.request(
                method, url, content=body, headers=headers, trust_env=False, timeout=WAIT_S
            )
            if keep:
                self.answers.append(str(answer.headers).encode() + answer.content)


def message(who: Canary, placer: str, control: str = "OK") -> bytes:
    """A status message or an order whose every personal field names the canary."""
    number, name = who.number, f"{who.family}^Karin"
    return (
        f"MSH|^~\\&|RIS|SAS|OM|SAS|20261121||ORM^O01|M{placer[-9:].strip()}|P|2.3.1\r"
        f"PID|1|{number}|{number}^^^&1.2.752.129.2.1.3.1&ISO||{name}||{number[:8]}|F||"
        f"{who.family}gatan 1\rNK1|1|{name}\rPV1|1|I|{who.family}||||{number}^{name}\r"
        f"ORC|{control}|{placer}|F{placer[-9:].strip()}||IP||||{number}|{name}|{name}|{name}\r"
        f"OBR|1|{placer}|F1|DT^{who.family} {number}^L|||||||||{name} {number}||{name}\r"
        f"OBX|1|TX|{who.family}||{number}\rNTE|1||{who.family} {number}\rZPD|{number}\r"
    ).encode()
