"""The commands as an operator runs them: exit codes, one line of error, nothing on top of it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.digest.conftest import hf_entry
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[3]
Done = subprocess.CompletedProcess[str]
Manage = Callable[..., Done]


@pytest.fixture(scope="module")
def var_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database of its own."""
    folder = tmp_path_factory.mktemp("command-line") / "var"
    done = run(folder, "migrate", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def run(folder: Path, *arguments: str, **environment: str) -> Done:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(folder), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def manage(var_dir: Path) -> Manage:
    return lambda *arguments, **environment: run(var_dir, *arguments, **environment)


@pytest.fixture
def day_file(tmp_path: Path) -> Path:
    path = tmp_path / "2025-09-26.json"
    path.write_text(json.dumps([hf_entry(f"2509.{n:05d}", f"Sheep {n}") for n in range(40)]))
    return path


def test_a_broken_file_is_an_error_of_one_line(manage: Manage, tmp_path: Path):
    path = tmp_path / "broken.json"
    path.write_text('[{"title": "A"}, ')

    done = manage("ingest", "--file", str(path))

    assert done.returncode == 1
    assert " file: failed, 0 found" in done.stdout
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("CommandError: broken.json is neither JSON nor JSON Lines")


def test_an_unreachable_source_is_an_error_of_one_line(manage: Manage):
    done = manage(
        *("ingest", "--source", "huggingface", "--date", "2025-09-26"),
        HUGGINGFACE_URL=f"http://127.0.0.1:{free_port()}",
    )

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "127.0.0.1 cannot be reached" in done.stderr
    assert "--file" in done.stderr


ONE_LINERS: dict[str, tuple[int, str, str]] = {
    "unknown file": (1, "ingest --file /nowhere/x.json", "/nowhere/x.json cannot be read: No such file"),
    "future date": (1, "ingest --source huggingface --date 2199-01-01", "2199-01-01 lies in the future"),
    "no source": (1, "ingest", "No source is switched on"),
    "nothing to publish": (1, "publish --date 2001-01-01", "There is no edition of 2001-01-01"),
    "wrong date": (2, "ingest --date 2025-02-30", "is not a date; write it as YYYY-MM-DD"),
    "unknown option": (2, "ingest --dat 2025-02-03 --nonsense", "--nonsense"),
    "unknown source": (2, "ingest --source nonsense", "invalid choice: 'nonsense'"),
}


@pytest.mark.parametrize(("code", "arguments", "told"), ONE_LINERS.values(), ids=ONE_LINERS)
def test_what_cannot_be_done_is_said_in_one_line(manage: Manage, code: int, arguments: str, told: str):
    done = manage(*arguments.split())

    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_without_tables_is_said_in_one_line(tmp_path: Path):
    done = run(tmp_path / "var", "deliver", "--now")

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "manage.py migrate" in done.stderr


def test_the_whole_way_is_three_commands_of_one_line_each(manage: Manage, day_file: Path):
    took = manage("ingest", "--source", "huggingface", "--file", str(day_file))
    published = manage("publish", "--date", "2025-09-26")
    sent = manage("deliver", "--now")

    assert [done.stderr for done in (took, published, sent)] == ["", "", ""]
    assert took.stdout == "2025-09-26 huggingface: complete, 40 found, 40 new, 0 changed\n"
    assert published.stdout == "Published the edition of 2025-09-26: 40 papers.\n"
    assert sent.stdout == "Nobody is due.\n"
    assert took.returncode == published.returncode == sent.returncode == 0


def test_two_processes_that_take_in_the_same_file_at_once_add_it_once(var_dir: Path, tmp_path: Path):
    path = tmp_path / "2025-08-01.json"
    path.write_text(json.dumps([hf_entry(f"2508.{n:05d}", f"Goat {n}") for n in range(200)]))
    command = ("ingest", "--source", "huggingface", "--file", str(path), "--json")

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: run(var_dir, *command), range(2)))

    assert [one.returncode for one in done] == [0, 0]
    runs = [json.loads(one.stdout)[0] for one in done]
    assert sorted(one["added"] for one in runs) == [0, 200]
    assert [one["found"] for one in runs] == [200, 200]
