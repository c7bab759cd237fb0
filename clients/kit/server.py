"""The kit's server: answers each poll as the case scripts it; plain sockets, so that it may misbehave."""

import socket
import threading

from clients.kit.cases import NORMAL, Reply

DRIP_S = 0.3
REASONS = {200: "OK", 302: "Found", 304: "Not Modified", 500: "Error", 503: "Unavailable"}


class ScriptedServer:
    """One at a time; `next_reply` is what the next poll gets."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.next_reply = Reply(refuse=True)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stopped.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self._serve(connection)
                except OSError:
                    continue

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = connection.recv(65536)
            if not part:
                return
            asked += part
        # whoever follows the redirect finds a good answer there, and is found out
        reply = NORMAL if asked.split(b" ")[1] == b"/good" else self.next_reply
        if reply.refuse:
            return
        if reply.drip:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-wait: ")
            while not self._stopped.wait(DRIP_S):
                connection.sendall(b"x")
        self._stopped.wait(reply.delay_s)
        length = len(reply.body) + (100 if reply.close_early else 0)
        lines = [f"HTTP/1.1 {reply.status} {REASONS[reply.status]}"]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        lines += [f"content-length: {length}", "connection: close", "", ""]
        connection.sendall("\r\n".join(lines).encode() + reply.body)
