"""The secret key of a demo: one per folder, whoever asks first."""

from pathlib import Path

from digest.demo_key import demo_secret_key
from tests.digest.conftest import at_once


def test_a_key_is_made_once_and_kept_where_only_its_owner_reads(tmp_path: Path):
    folder = tmp_path / "deep" / "var"

    key = demo_secret_key(folder)

    assert len(key) >= 50
    assert demo_secret_key(folder) == key
    assert (folder / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == ["secret_key"]


def test_two_folders_have_two_keys(tmp_path: Path):
    assert demo_secret_key(tmp_path / "a") != demo_secret_key(tmp_path / "b")


def test_whoever_asks_second_reads_the_key_of_the_first(tmp_path: Path):
    (tmp_path / "secret_key").write_text("theirs\n")

    assert set(at_once(*[lambda: demo_secret_key(tmp_path)] * 4)) == {"theirs"}
