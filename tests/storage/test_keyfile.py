"""The key of our placer numbers is one, whole, and never made anew over another."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from watchdog.errors import Refused
from watchdog.storage.keyfile import KEY_BYTES, placer_key


def test_it_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "placer.key"
    first = placer_key(file)
    assert len(first) == KEY_BYTES
    assert placer_key(file) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["placer.key"]


def test_processes_that_start_together_have_the_same_one(tmp_path: Path) -> None:
    for number in range(20):
        file = tmp_path / f"{number}.key"
        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(placer_key, [file] * 8))
        assert len(keys) == 1


@pytest.mark.parametrize("found", ["", "ab", "g" * 64, "ab" * 31, "ab" * 33, "å" * 64])
def test_a_damaged_one_is_refused_and_left_as_it_is(tmp_path: Path, found: str) -> None:
    file = tmp_path / "placer.key"
    file.write_text(found, "utf-8")
    with pytest.raises(Refused, match="Copy it from another node"):
        placer_key(file)
    assert file.read_text("utf-8") == found


def test_a_folder_where_nothing_may_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="placer_key_file"):
        placer_key(tmp_path / "file" / "placer.key")
