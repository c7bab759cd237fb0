"""What a well-shaped configuration may still not say; every problem at once, each at its line."""

from pathlib import Path

from watchdog import trust
from watchdog.config.check_endpoint import target_problem
from watchdog.config.check_notify import NotifyRules
from watchdog.config.schema import ConfigFile, GroupFile, PathFile, SystemFile
from watchdog.detection.budget import orders_needed, thresholds
from watchdog.errors import Problem
from watchdog.forms.serial import clinic_code
from watchdog.model.cadence import CADENCES, RIS_ORDERS_PER_S
from watchdog.model.routine import Routine
from watchdog.orders.identity import Identity, refusal
from watchdog.yamltext import Key, Lines, line_of

COLD_SAMPLES = 200
DAY_S = 86400.0
BENCH_REFUSED = (
    "bench is refused unless the environment is test and REMISSVAKT_TEST_ENVIRONMENT is set"
)


class Checker:
    """Collects problems of one file."""

    def __init__(
        self,
        shape: ConfigFile,
        lines: Lines,
        file: str,
        routines: dict[str, Routine],
        *,
        test_environment: bool,
    ) -> None:
        self._shape, self._lines, self._file = shape, lines, file
        self._routines, self._test = routines, test_environment
        self.problems: list[Problem] = []

    def run(self) -> list[Problem]:
        """Every problem of reference and safety."""
        self._environment()
        self._identity()
        for name in self._shape.sites:
            self._site(name)
        self._clinic_codes()
        for name, path in self._shape.paths.items():
            self._path(name, path)
        self._cancels()
        for name, group in self._shape.groups.items():
            self._group(name, group)
        for name, system in self._shape.systems.items():
            self._system(name, system)
        if not self._shape.paths and not self._shape.groups:
            self._say(("paths",), "nothing is watched: name a path or a group")
        NotifyRules(self._shape, self._say, test=self._test).run()
        self._peers()
        return self.problems

    def _say(self, path: tuple[Key, ...], message: str) -> None:
        where = ".".join(map(str, path))
        self.problems.append(Problem(self._file, line_of(path, self._lines), f"{where}: {message}"))

    def _may_bench(self) -> bool:
        return self._test and self._shape.environment != "production"

    def _there(self, path: tuple[Key, ...], file: Path | None) -> None:
        if file is not None and not file.is_file():
            self._say(path, f"there is no file {file}")

    def _peers(self) -> None:
        seen = {self._shape.instance}
        for index, peer in enumerate(self._shape.peers):
            if peer.id in seen:
                self._say(("peers", index, "id"), f"{peer.id!r} is this instance, or stands twice")
            seen.add(peer.id)
            if (wrong := target_problem(peer.url, test=self._test)) is not None:
                self._say(("peers", index, "url"), wrong)
            self._there(("peers", index, "ca_file"), peer.ca_file)

    def _environment(self) -> None:
        if self._shape.environment == "production" and self._test:
            self._say(
                ("environment",),
                "production refuses to start with REMISSVAKT_TEST_ENVIRONMENT set: unset it, "
                "or say `test`",
            )

    def _identity(self) -> None:
        given = self._shape.identities.synthetic
        identity = Identity(
            number=given.number,
            oid=given.oid,
            family=given.family,
            given=given.given,
            born=given.born,
            sex=given.sex,
            approval=given.approval,
        )
        why = refusal(
            identity,
            frozenset(self._shape.identities.allowed),
            production=self._shape.environment == "production",
        )
        if why is not None:
            # the number itself is not shown: it may be a living person's
            self._say(("identities", "synthetic", "number"), why)

    def _site(self, name: str) -> None:
        routine = self._routines.get(name)
        if routine is None:
            known = ", ".join(sorted(self._routines))
            self._say(("sites", name), f"has no routine; there are routines for {known}")
            return
        for clinic_name, clinic in self._shape.sites[name].clinics.items():
            base: tuple[Key, ...] = ("sites", name, "clinics", clinic_name)
            if clinic.path not in (watched := {**self._shape.paths, **self._shape.groups}):
                known = ", ".join(sorted(watched))
                self._say((*base, "path"), f"{clinic.path!r} is not one of {known}")
            for key, unit in (("unit", clinic.unit), *(("units", u) for u in clinic.units)):
                if unit not in routine.units:
                    known = ", ".join(sorted(routine.units))
                    self._say((*base, key), f"{unit!r} is not one of {known}")

    def _clinic_codes(self) -> None:
        """Serial numbers of printed forms begin with a code made of the clinic's id."""
        seen: dict[str, str] = {}
        for site_name, site in self._shape.sites.items():
            for name in site.clinics:
                code = clinic_code(name)
                if code in seen:
                    base: tuple[Key, ...] = ("sites", site_name, "clinics", name)
                    self._say(base, f"shares its form code {code} with {seen[code]}: rename one")
                seen[code] = name

    def _group(self, name: str, group: GroupFile) -> None:
        base: tuple[Key, ...] = ("groups", name)
        if name in self._shape.paths:
            self._say(base, "a path has the same name")
        routine = self._routines.get(group.site)
        if group.site not in self._shape.sites or routine is None:
            known = ", ".join(sorted(self._shape.sites))
            self._say((*base, "site"), f"{group.site!r} is not one of {known}")
            return
        if group.cadence == "bench" and not self._may_bench():
            self._say((*base, "cadence"), BENCH_REFUSED)
        mine = sorted(n for n, s in self._shape.systems.items() if s.site == group.site)
        for index, system in enumerate(group.systems):
            if system not in mine:
                self._say((*base, "systems", index), f"{system!r} is not one of {', '.join(mine)}")
        for index, scenario in enumerate(group.scenarios):
            if scenario not in routine.scenarios:
                known = ", ".join(routine.scenarios)
                self._say((*base, "scenarios", index), f"{scenario!r} is not one of {known}")

    def _system(self, name: str, system: SystemFile) -> None:
        base: tuple[Key, ...] = ("systems", name)
        if system.site not in self._shape.sites:
            known = ", ".join(sorted(self._shape.sites))
            self._say((*base, "site"), f"{system.site!r} is not one of {known}")
        for index, probe in enumerate(system.probes):
            for key in ("ca_file", "certificate", "key"):
                self._there((*base, "probes", index, key), getattr(probe, key, None))
            for crossed in probe.crosses:
                if crossed not in self._shape.systems:
                    known = ", ".join(sorted(self._shape.systems))
                    self._say((*base, "probes", index), f"crosses {crossed!r}: not one of {known}")

    def _path(self, name: str, path: PathFile) -> None:
        base: tuple[Key, ...] = ("paths", name)
        production = self._shape.environment == "production"
        if path.site not in self._shape.sites:
            known = ", ".join(sorted(self._shape.sites))
            self._say((*base, "site"), f"{path.site!r} is not one of {known}")
        routine = self._routines.get(path.site)
        if routine is not None and path.scenario not in routine.scenarios:
            known = ", ".join(sorted(routine.scenarios))
            self._say((*base, "scenario"), f"{path.scenario!r} is not one of {known}")
        cadence = CADENCES[path.cadence]
        if path.cadence == "bench" and not self._may_bench():
            self._say((*base, "cadence"), BENCH_REFUSED)
        elif production and path.cadence != "gentle":
            if not path.cadence_approval:
                self._say(
                    (*base, "cadence"),
                    f"{path.cadence} in production needs `cadence_approval`: its own reference",
                )
            if path.orders_per_day_max is None:
                self._say(
                    (*base, "cadence"),
                    f"{path.cadence} in production needs `orders_per_day_max`: it is enforced",
                )
        if path.orders_per_day_max is not None and path.orders_per_day_max < cadence.per_day():
            self._say(
                (*base, "orders_per_day_max"),
                f"{path.orders_per_day_max} is less than the {cadence.per_day()} orders per day "
                f"that {path.cadence} sends on a healthy path",
            )
        if production and not path.approval:
            self._say((*base,), "needs `approval` in production: the written approval's reference")
        budget = thresholds(years=path.budget_years, interval_s=cadence.interval_s)
        limit = path.open_limit or cadence.open_limit
        if limit < orders_needed(budget, COLD_SAMPLES):
            self._say(
                (*base, "open_limit" if path.open_limit else "cadence"),
                f"{limit} open orders cannot carry the evidence for an outage: "
                f"{budget.outage_nats:.1f} nats need at least "
                f"{orders_needed(budget, COLD_SAMPLES)}",
            )
        self._reachable(base, path)

    def _cancels(self) -> None:
        """Every order is cancelled: a RIS's paths may send no more than may be cancelled there."""
        per_day: dict[tuple[str, str], int] = {}
        most = RIS_ORDERS_PER_S * DAY_S
        for name, path in self._shape.paths.items():
            cadence, ris = CADENCES[path.cadence], (path.site, path.hops[-1])
            if not cadence.spares_the_ris:
                continue
            before = per_day.get(ris, 0)
            per_day[ris] = before + cadence.per_day()
            if before <= most < per_day[ris]:
                self._say(
                    ("paths", name, "cadence"),
                    f"with it the paths to {ris[1]!r} send {per_day[ris] / DAY_S:.2f} orders a second, "
                    f"which have to be cancelled there: at most {RIS_ORDERS_PER_S:g}; use a slower one",
                )

    def _reachable(self, base: tuple[Key, ...], path: PathFile) -> None:
        kinds = [reader.kind for reader in path.readers]
        for index, kind in enumerate(kinds):
            if kind in kinds[:index]:
                self._say((*base, "readers", index), f"a second {kind}: one of a kind is enough")
        tls = path.send.tls
        if tls is not None:
            for key in ("ca_file", "certificate", "key"):
                self._there((*base, "send", "tls", key), getattr(tls, key))
        for index, reader in enumerate(path.readers):
            self._there((*base, "readers", index, "url_file"), getattr(reader, "url_file", None))
            if (wrong := trust.problem(getattr(reader, "ca_file", None))) is not None:
                self._say((*base, "readers", index, "ca_file"), wrong)
