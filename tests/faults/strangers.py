"""Peers that answer with patients: an engine whose refusals hold names, and a receiver of notices."""

import itertools
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any

from tests.faults.canary import Canary

Plant = Callable[[str], Canary]
"""Takes the entrance's name, gives a canary that nobody has used."""
VT, END = b"\x0b", b"\x1c\r"
LATE = 12
"""Of so many answers one is a refusal."""


class Server:
    """A threaded server on loopback, for the time of a block."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._server = make()
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "Server":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Threading(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def engine(plant: Plant) -> Server:
    """An engine that refuses, answers for other messages, or without a frame; each time with a name."""
    turn = itertools.count()

    class Peer(BaseRequestHandler):
        def handle(self) -> None:
            held = b""
            while data := self.request.recv(65_536):
                held += data
                while END in held:
                    order, held = held.split(END, 1)
                    self.request.sendall(_answer(order, plant("ack"), next(turn)))

    return Server(lambda: _Threading(("127.0.0.1", 0), Peer))


def _answer(order: bytes, who: Canary, turn: int) -> bytes:
    ident = order.split(b"|")[9].decode("latin-1")
    # refusals stop the sending of further orders, so they come late
    code = ("AE", "AR", "CE")[turn % 3] if turn % LATE == LATE - 1 else "AA"
    about = who.number if turn % 5 == 4 else ident
    text = (
        f"MSH|^~\\&|OM|SAS|WD|WD|20261121||ACK|{turn}|P|2.3.1\r"
        f"MSA|{code}|{about}|{who.family} {who.number} finns redan\r"
        f"ERR|PID^1^3^{who.number}&{who.family}\rNTE|1||{who.family}\r"
    ).encode()
    return text if turn % 7 == 6 else VT + text + END


def receiver(plant: Plant, heard: list[bytes]) -> Server:
    """A receiver that keeps what it is sent, and answers with a name in body, headers and reason."""
    turn = itertools.count()

    class Peer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            heard.append(str(self.headers).encode() + body)
            who = plant("webhook answer")
            status = (500, 302, 429, 200)[next(turn) % 4]
            said = f"{who.family} {who.number}".encode()
            self.send_response(status, f"{who.family}")
            self.send_header("Location", f"http://127.0.0.1/{who.number}")
            self.send_header("Retry-After", who.family if status != 429 else "1")
            self.send_header("X-Patient", who.family)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: Any) -> None:
            del format, args

    return Server(lambda: ThreadingHTTPServer(("127.0.0.1", 0), Peer))
