"""What must be true of the environment and of the tracked files."""

import re
import subprocess
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
        assert len(pinned) >= 50
        assert text.count("--hash=sha256:") >= len(pinned)
        assert re.search(r"^watchdog==", text, re.MULTILINE) is None
        assert re.search(r"^hatchling==", text, re.MULTILINE)


def test_another_package_named_watchdog_is_refused_at_start(tmp_path: Path) -> None:
    fake = tmp_path / "watchdog"
    (fake / "cli").mkdir(parents=True)
    (fake / "__init__.py").write_text("__version__ = 'other'\n")
    code = (
        "import importlib.util, sys, watchdog\n"
        f"spec = importlib.util.spec_from_file_location('m', {str(ROOT / 'watchdog/cli/main.py')!r})\n"
        "sys.argv = ['remissvakt', 'version']\n"
        "import types\n"
        "for name in ('check','demo','incident','keys','orders','serve','simulate'):\n"
        "    m = types.ModuleType('watchdog.cli.' + name); import typer\n"
        "    m.app = m.database = typer.Typer(); m.register = lambda app: None\n"
        "    sys.modules['watchdog.cli.' + name] = m\n"
        "    import watchdog.cli; setattr(sys.modules['watchdog.cli'], name, m)\n"
        "m = importlib.util.module_from_spec(spec); spec.loader.exec_module(m); m.main()\n"
    )
    (fake / "cli" / "__init__.py").write_text("")
    import sys  # noqa: PLC0415

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Another package named `watchdog` comes first" in done.stderr
