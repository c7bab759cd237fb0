"""The last net of the log: whatever a library quotes, no identity number and no second line."""

import json

import pytest
import structlog

from watchdog.cli import logs
from watchdog.orders import identity

SYNTHETIC = "189001019802"


@pytest.mark.parametrize(
    "written",
    [
        SYNTHETIC,
        "900101-9802",
        "900101+9802",
        "18900101-9802",
        "900161-9809",
        f"PID|1||{SYNTHETIC}^^^",
    ],
)
def test_an_identity_number_is_removed_however_it_is_written(written: str) -> None:
    kept = identity.without_identities(f"could not parse {written} at line 3")
    assert "9802" not in kept
    assert "9809" not in kept
    assert identity.IN_PLACE in kept


@pytest.mark.parametrize(
    "harmless",
    ["20261121030000", "WDABCDEFGHIJ12345678", "189001019803", "033-616 00 00", "0.123456789012"],
)
def test_times_order_numbers_and_telephones_stay(harmless: str) -> None:
    assert identity.without_identities(harmless) == harmless


def test_what_an_error_quotes_is_one_line_of_json_without_the_patient(
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = structlog.get_config()
    try:
        logs.to_stderr(as_json=True)
        try:
            int(f"PID|1||{SYNTHETIC}\rOBR|\x1b[31m\u202e")
        except ValueError:
            structlog.get_logger().exception(
                "crashed",
                deep={"list": [{"number": int(SYNTHETIC)}, SYNTHETIC.encode()]},
                long="x" * 9000,
            )
    finally:
        structlog.configure(**before)
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert SYNTHETIC not in line
    assert found["deep"] == {"list": [{"number": identity.IN_PLACE}, identity.IN_PLACE]}
    assert len(found["long"]) == logs.MOST
    assert "ValueError" in found["exception"]
    assert all(letter.isprintable() or letter in "\n\t" for letter in found["exception"])
