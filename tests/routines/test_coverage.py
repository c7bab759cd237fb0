"""Every fact of the five seeds is expressed in a routine, or listed with the reason why not."""

import csv
import hashlib
import itertools
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

from watchdog.model.routine import ContactKind, Statement
from watchdog.routines import library

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
ROUTINES = library.read(None, {})


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((HERE / name).read_text("utf-8").splitlines()))


FACTS = {row["id"]: row["type"] for row in _rows("facts.csv")}
OMITTED = {row["id"]: row["why"] for row in _rows("omissions.csv")}
MUST_BE_SAID = ("scen", "step", "contact", "route", "cause", "val", "role", "site", "sys", "ref")
SITES = {"S0": "sas", "S1": "halland", "S2": "nal", "S3": "kronoberg", "S4": "su"}
NAMES = frozenset((HERE / "name-hashes.txt").read_text("ascii").split())
SALT = "remissvakt names "
READ_IN_THE_DOCUMENT = {"S1-28", "S1-35", "S2-42", "S3-45", "S3-50", "S3-53"}
"""Oddities that links, system names and the document's identity carry."""


def _sources(value: object) -> Iterator[tuple[str, object]]:
    """Every fact id in a routine, with the statement that carries it."""
    if is_dataclass(value):
        for field in fields(value):
            found = getattr(value, field.name)
            if field.name.endswith("source"):
                yield from ((fact, value) for fact in found)
            else:
                yield from _sources(found)
    elif isinstance(value, dict):
        for found in value.values():
            yield from _sources(found)
    elif isinstance(value, tuple):
        for found in value:
            yield from _sources(found)


EXPRESSED = {
    site: Counter(fact for fact, _ in _sources(routine)) for site, routine in ROUTINES.items()
}


def test_the_list_of_facts_is_whole() -> None:
    counted = Counter(fact.split("-")[0] for fact in FACTS)
    assert counted == {"S0": 46, "S1": 36, "S2": 44, "S3": 54, "S4": 25, "X": 11}


def test_every_fact_is_said_in_its_own_routine_or_left_out_with_a_reason(capsys) -> None:
    said: Counter[tuple[str, str]] = Counter()
    missing = []
    for fact, kind in FACTS.items():
        seed = fact.split("-")[0]
        where = [SITES[seed]] if seed in SITES else list(EXPRESSED)
        if any(EXPRESSED[site][fact] for site in where):
            said[seed, kind] += 1
        elif fact not in OMITTED:
            missing.append(fact)
    with capsys.disabled():
        print("\n" + _report(said))  # noqa: T201 - people read it
    assert missing == []


def test_nothing_is_left_out_that_is_said_and_every_reason_is_a_sentence() -> None:
    everywhere = {fact for found in EXPRESSED.values() for fact in found}
    assert sorted(set(OMITTED) & everywhere) == []
    assert sorted(set(OMITTED) - set(FACTS)) == []
    assert all(len(why) > 20 for why in OMITTED.values())


def test_no_fact_is_cited_that_does_not_exist_or_belongs_to_another_hospital() -> None:
    for site, found in EXPRESSED.items():
        for fact in found:
            assert fact in FACTS, (site, fact)
            assert SITES.get(fact.split("-")[0], site) == site, (site, fact)


def test_only_oddities_of_print_are_left_out() -> None:
    kinds = {FACTS[fact] for fact in OMITTED if fact != "X-11"}
    assert kinds == {"odd"}
    assert all(FACTS[fact] not in MUST_BE_SAID for fact in OMITTED if fact != "X-11")


def test_every_oddity_and_gap_is_where_a_person_sees_it() -> None:
    for site, routine in ROUTINES.items():
        shown: set[str] = set()
        for fact, carrier in _sources(routine):
            if isinstance(carrier, Statement) or fact not in FACTS:
                shown.add(fact)
        named = {fact for fact, _ in _sources(routine)}
        odd = {f for f in named if FACTS[f] in ("odd", "gap") and not f.startswith("X")}
        assert odd - shown <= READ_IN_THE_DOCUMENT, site


def test_the_contacts_are_those_of_the_seeds() -> None:
    kinds = {
        site: Counter(contact.kind for contact in routine.contacts)
        for site, routine in ROUTINES.items()
    }
    assert kinds["sas"] == {ContactKind.FAX: 4, ContactKind.PHONE: 5}
    assert kinds["halland"] == {ContactKind.FAX: 2, ContactKind.PHONE: 1}
    assert kinds["nal"] == {ContactKind.FAX: 1, ContactKind.PHONE: 3, ContactKind.EMAIL: 2}
    assert not kinds["kronoberg"]
    assert not kinds["su"]


def test_no_persons_name_of_the_seeds_stands_in_any_tracked_file() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    files = [ROOT / name for name in listed.split("\0") if name] or _found_files()
    assert len(files) > 100
    found = []
    for path in files:
        if path.is_file() and path.suffix not in (".lock", ".png", ".ttf"):
            found += [
                (str(path), word) for word in _names(path.read_text("utf-8", "ignore"), NAMES)
            ]
    assert found == []


def test_a_name_that_is_hashed_is_found() -> None:
    hashed = frozenset({_hashed("testina provsson")})
    assert _names("Faktaägare: Testina Provsson, systemförvaltare", hashed) == {"testina provsson"}
    assert _names("Testina är inte Provsson", hashed) == set()


def _found_files() -> list[Path]:
    """Where there is no repository, as in an unpacked archive."""
    folders = ("watchdog", "api", "tests", "docs", "bench", "migrations")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.*")]


def _names(text: str, hashed: frozenset[str]) -> set[str]:
    return {word for word in _words(text) if _hashed(word) in hashed}


def _words(text: str) -> set[str]:
    """Words, and pairs of words: a surname alone, or a first name with its surname."""
    words = re.findall(r"[\w-]+", text.lower())
    pairs = {f"{a} {b}" for a, b in itertools.pairwise(words)}
    return {word for word in words if len(word) > 3} | pairs


def _hashed(word: str) -> str:
    return hashlib.blake2s((SALT + word).encode(), digest_size=10).hexdigest()


def _report(said: Counter[tuple[str, str]]) -> str:
    """Counts per seed and type, and every deliberate omission."""
    kinds = sorted(set(FACTS.values()))
    lines = ["seed  " + "".join(f"{kind:>9}" for kind in kinds)]
    for seed in ("S0", "S1", "S2", "S3", "S4", "X"):
        totals = Counter(kind for fact, kind in FACTS.items() if fact.startswith(seed + "-"))
        cells = (f"{said[seed, kind]}/{totals[kind]}" if totals[kind] else "-" for kind in kinds)
        lines.append(f"{seed:6}" + "".join(f"{cell:>9}" for cell in cells))
    lines += [f"left out {fact} ({FACTS[fact]}): {why}" for fact, why in OMITTED.items()]
    return "\n".join(lines)
