"""Messages, acknowledgements and a client of ours for tests over real MLLP sockets."""

from watchdog.clock import SystemClock
from watchdog.hl7.client import MllpClient

CLOCK = SystemClock()


def message(ident: str, text: str = "x") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|20261121||ORR^O02|{ident}|P|2.3.1\rORC|OK|WD1|F1\rNTE|1||{text}\r".encode()


def ack(ident: str, code: str = "AA") -> bytes:
    return f"MSH|^~\\&|A|B|C|D|||ACK|Z{ident}|P|2.3.1\rMSA|{code}|{ident}\r".encode()


def client(port: int, **more: object) -> MllpClient:
    return MllpClient("127.0.0.1", port, clock=CLOCK, ack_timeout_s=0.4, **more)
