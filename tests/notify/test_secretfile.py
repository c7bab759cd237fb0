"""A secret file is made and changed whole, and both secrets sign until the receiver has changed over."""

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from watchdog.errors import Refused
from watchdog.notify.secretfile import renew
from watchdog.notify.signing import signatures

NOW, BODY = datetime(2026, 11, 20, tzinfo=UTC), '{"a":1}'


def secrets_of(file: Path) -> list[str]:
    return file.read_text("ascii").split()


def test_a_new_file_holds_one_secret_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "tib"
    assert renew(file, pair=False) == ""
    (secret,) = secrets_of(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    expected = Webhook(secret).sign("msg_1", NOW, BODY)
    assert signatures(file, "msg_1", NOW, BODY, endpoint="tib") == expected
    assert [each.name for each in file.parent.iterdir()] == ["tib"]


def test_a_change_keeps_the_old_secret_below_the_new_one_and_who_may_read_it(
    tmp_path: Path,
) -> None:
    file = tmp_path / "tib"
    renew(file, pair=False)
    (old,) = secrets_of(file)
    file.chmod(0o640)
    public = renew(file, pair=True)
    new, kept = secrets_of(file)
    assert new.startswith("whsk_")
    assert public.startswith("whpk_")
    assert kept == old
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    both = signatures(file, "msg_1", NOW, BODY, endpoint="tib").split(" ")
    assert [each.partition(",")[0] for each in both] == ["v1a", "v1"]


def test_a_second_change_before_the_first_is_over_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "tib"
    renew(file, pair=False)
    renew(file, pair=False)
    before = secrets_of(file)
    with pytest.raises(Refused, match="take the second out"):
        renew(file, pair=False)
    assert secrets_of(file) == before


def test_where_nothing_may_be_written_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Refused, match="Nothing was changed"):
        renew(tmp_path / "file" / "tib", pair=False)
