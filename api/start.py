"""The command's first step: make sure that `watchdog` is ours before anything of it is imported.

Another distribution is named `watchdog`; where it comes first on the path, our own modules cannot even be
found. That is why the check stands outside the package, and imports it only afterwards.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

OURS = Path(__file__).resolve().parents[1] / "watchdog"


def main() -> None:
    """Run the command, or refuse plainly with exit code 2."""
    spec = importlib.util.find_spec("watchdog")
    origin = Path(spec.origin).resolve().parent if spec is not None and spec.origin else None
    if origin != OURS or not (OURS / "cli" / "main.py").is_file():
        sys.stderr.write(
            f"Another package named `watchdog` comes first on the path ({origin}): Remissvakt "
            "would run its code. Remove the distribution `watchdog` from this environment.\n"
        )
        raise SystemExit(2)
    importlib.import_module("watchdog.cli.main").main()
