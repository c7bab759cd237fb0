"""What must be true of the environment and of the tracked files."""

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import watchdog

ROOT = Path(__file__).resolve().parents[2]


def test_no_distribution_named_watchdog_shadows_ours() -> None:
    names = {(d.metadata["Name"] or "").lower() for d in metadata.distributions()}
    assert "watchdog" not in names
    assert Path(watchdog.__file__).resolve().parent == ROOT / "watchdog"


def test_the_lock_names_no_address_and_has_a_hash_for_everything() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9-]+==", text, re.MULTILINE)
        assert len(pinned) >= (1 if lock.name == "atheris.lock" else 25)  # it needs nothing else
        assert text.count("--hash=sha256:") >= len(pinned)
        assert re.search(r"^watchdog==", text, re.MULTILINE) is None
        if lock.name in ("runtime.lock", "dev.lock"):
            assert re.search(r"^hatchling==", text, re.MULTILINE)


def test_another_package_named_watchdog_is_refused_at_start(tmp_path: Path) -> None:
    fake = tmp_path / "watchdog"
    fake.mkdir()
    (fake / "__init__.py").write_text("VERSION_STRING = 'the other one'\n")
    done = subprocess.run(
        [sys.executable, "-c", "from api.start import main; main()", "version"],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "Another package named `watchdog` comes first on the path" in done.stderr
    assert "Traceback" not in done.stderr
