"""remissvakt pack | pack-check | serial: a site's printed pack, for when no network works (hazard H32)."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import typer

from watchdog.cli.context import EXIT_REFUSED, ConfigOption, err, out, who, with_runtime
from watchdog.clock import SystemClock
from watchdog.forms.issue import form_pdf
from watchdog.forms.layout import CARD, SHEETS
from watchdog.forms.serial import is_valid, printed
from watchdog.model.instruction import Clinic
from watchdog.model.routine import Routine
from watchdog.runtime import Runtime
from watchdog.service.serials import Serials
from watchdog.storage.migrate import upgrade

MANIFEST = "pack.json"
FRESH_FOR = timedelta(days=7)
SiteOption = typer.Option(..., "--site", help="Whose clinics get a pack.")
OutOption = typer.Option(..., "--out", help="The folder to write.")
CopiesOption = typer.Option(10, "--copies", min=1, max=200, help="Sheets of each form.")


def register(app: typer.Typer) -> None:
    """Add the commands."""

    @app.command("pack")
    def pack(
        site: str = SiteOption,
        folder: Path = OutOption,
        copies: int = CopiesOption,
        config: Path | None = ConfigOption,
    ) -> None:
        """Write wall cards and numbered forms for every clinic of SITE, and what was issued."""

        async def work(found: Runtime) -> Pack | None:
            await upgrade(found.database)
            return await _made(found, site, copies)

        made = with_runtime(config, work)
        if made is None:
            raise typer.Exit(EXIT_REFUSED)
        _write(made, folder)

    @app.command("pack-check")
    def pack_check(folder: Path = typer.Argument(...)) -> None:  # noqa: B008
        """Is a printed pack whole, and not older than a week? Exit 3 if not."""
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
        wrong = [
            name
            for name, digest in found["files"].items()
            if not (folder / name).is_file() or _digest((folder / name).read_bytes()) != digest
        ]
        age = SystemClock().now() - datetime.fromisoformat(found["made_at"])
        for name in wrong:
            err.print(f"{name} is missing or changed", markup=False)
        if age > FRESH_FOR:
            err.print(f"the pack is {age.days} days old: print a new one", markup=False)
        if wrong or age > FRESH_FOR:
            raise typer.Exit(EXIT_REFUSED)
        out.print(f"{len(found['files'])} files, {age.days} days old")

    @app.command("serial")
    def serial(number: str = typer.Argument(..., help="As it stands on the paper.")) -> None:
        """Is this the number of a form of ours? Exit 3 if it was misread."""
        value = number.upper().replace("-", "").replace(" ", "")
        if not is_valid(value):
            err.print("no: a character is wrong, or two have changed places", markup=False)
            raise typer.Exit(EXIT_REFUSED)
        out.print(f"{printed(value)} is a good number")


@dataclass(slots=True)
class Pack:
    """What is to be written: files by name, and the manifest beside them."""

    site: str
    made_at: datetime
    clinics: int
    recorded: bool = True
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    serials: list[dict[str, object]] = field(default_factory=list[dict[str, object]])


async def _made(found: Runtime, site: str, copies: int) -> Pack | None:
    """Draw everything; the ranges are stored before the paper exists. None: no such site."""
    clinics = [clinic for clinic in found.config.clinics.values() if clinic.site == site]
    if not clinics:
        sites = ", ".join(sorted({clinic.site for clinic in found.config.clinics.values()}))
        err.print(f"{site!r} has no clinics here: there are {sites}", markup=False)
        return None
    made = Pack(site, found.clock.now(), len(clinics))
    issuer = Serials(found.database, found.clock)
    routine = found.routines[site]
    for clinic in clinics:
        made.files[f"{clinic.id}-{CARD}.pdf"] = form_pdf(CARD, routine, clinic, [], made.made_at)
        for form in _forms(routine):
            serials, stored = await issuer.issue(clinic.id, copies, who())
            made.recorded = made.recorded and stored
            body = form_pdf(form, routine, clinic, serials, made.made_at)
            made.files[f"{clinic.id}-{form}.pdf"] = body
            made.serials.append(_range(clinic, form, serials))
    return made


def _write(made: Pack, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, body in made.files.items():
        (folder / name).write_bytes(body)
    manifest = {
        "site": made.site,
        "made_at": made.made_at.isoformat(),
        "recorded": made.recorded,
        "serials": made.serials,
        "files": {name: _digest(body) for name, body in made.files.items()},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")
    out.print(f"{len(made.files)} files for {made.clinics} clinics in {folder}", markup=False)
    if not made.recorded:
        err.print(f"the database did not take the numbers: keep {folder / MANIFEST}", markup=False)


def _forms(routine: Routine) -> list[str]:
    """The forms that the routine names and we can print; a paper referral where it names none."""
    named = [form for form in SHEETS if form in routine.forms]
    return named or ["paper_referral"]


def _range(clinic: Clinic, form: str, serials: list[str]) -> dict[str, object]:
    return {
        "clinic": clinic.id,
        "form": form,
        "first": printed(serials[0]),
        "last": printed(serials[-1]),
        "count": len(serials),
    }


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
