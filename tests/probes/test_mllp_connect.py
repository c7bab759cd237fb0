"""The engine's port over mutual TLS, as the path's own sender speaks to it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from watchdog.model.system import Outcome
from watchdog.probes.look import Seen
from watchdog.probes.mllp_connect import MllpConnectProbe, MllpConnectSettings

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


class Engine:
    """A TLS port that asks for a client certificate.

    In threads: asyncio's server hangs up without sending the alert that says why.
    """

    def __init__(self, authority: trustme.CA, version: ssl.TLSVersion) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.verify_mode = ssl.CERT_REQUIRED
        self._context.maximum_version = version
        authority.issue_cert("localhost").configure_cert(self._context)
        authority.configure_trust(self._context)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
            except OSError:
                return
            with plain, contextlib.suppress(OSError):
                plain.settimeout(5)
                self._talk(plain)

    def _talk(self, plain: socket.socket) -> None:
        try:
            with self._context.wrap_socket(
                plain.dup(), server_side=True, suppress_ragged_eofs=True
            ) as secured:
                while secured.recv(1000):
                    pass
        except ssl.SSLError:  # the alert has left; read on, so that no reset overtakes it
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1000):
                pass


@dataclass
class Given:
    port: int
    ca: Path
    ours: tuple[Path, Path]
    strangers: tuple[Path, Path]

    async def look(self, shown: tuple[Path, Path] | None) -> Seen:
        certificate, key = shown or (None, None)
        settings = MllpConnectSettings(
            kind="mllp_connect",
            host="127.0.0.1",
            port=self.port,
            ca_file=self.ca,
            server_name="localhost",
            certificate=certificate,
            key=key,
        )
        return await MllpConnectProbe(settings).look()


def _issued(authority: trustme.CA, folder: Path, name: str) -> tuple[Path, Path]:
    made = authority.issue_cert("remissvakt.test")
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    made.cert_chain_pems[0].write_to_path(str(certificate))
    made.private_key_pem.write_to_path(str(key))
    return certificate, key


@pytest.fixture(params=VERSIONS, ids=lambda version: version.name)
def given(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Given]:
    authority, ca = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    engine = Engine(authority, request.param)
    yield Given(
        engine.port,
        ca,
        _issued(authority, tmp_path, "ours"),
        _issued(trustme.CA(), tmp_path, "strangers"),
    )
    engine.close()


async def test_an_engine_that_asks_for_our_certificate_is_well_when_it_is_shown(
    given: Given,
) -> None:
    assert (await given.look(given.ours)).outcome is Outcome.OK


async def test_an_engine_that_asks_for_a_certificate_that_we_lack_is_unknown_and_not_down(
    given: Given,
) -> None:
    seen = await given.look(None)
    assert seen.outcome is Outcome.UNKNOWN
    assert "asks for a client certificate" in seen.detail


async def test_an_engine_that_rejects_the_certificate_that_it_is_shown_rejects_us(
    given: Given,
) -> None:
    assert (await given.look(given.strangers)).outcome is Outcome.REJECTED


async def test_a_certificate_that_cannot_be_read_is_our_own_fault(given: Given) -> None:
    assert (await given.look((given.ca, given.ca))).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"ca_file": "a", "certificate": "b"}, "belong together"),
        ({"ca_file": "a", "key": "b"}, "belong together"),
        ({"certificate": "a", "key": "b"}, "needs `ca_file`"),
    ],
)
def test_half_a_certificate_is_a_wrong_configuration(files: dict[str, str], fault: str) -> None:
    whole = {"kind": "mllp_connect", "host": "engine", "port": 2575, **files}
    with pytest.raises(ValidationError, match=fault):
        MllpConnectSettings.model_validate(whole)
