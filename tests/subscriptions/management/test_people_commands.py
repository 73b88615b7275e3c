"""The commands about people as an operator runs them: what they say, and never an address."""

import io
import json
import os
import pty
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import load_command_class
from django.core.management.base import CommandError

from subscriptions.admin import importing
from subscriptions.imports import opening
from subscriptions.imports.own import COLUMNS
from subscriptions.models import Suppression
from subscriptions.suppression import suppress
from tests.factories import make_subscriber
from tests.subscriptions.imports.lists import audience_zip, listmonk

ROOT = Path(__file__).resolve().parents[3]
Done = subprocess.CompletedProcess[str]
Manage = Callable[..., Done]
STATEMENT = "Double opt-in at our old house"


@pytest.fixture
def manage(db: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Manage:
    """Runs a command of `manage.py` in this process; without a terminal, as a script would."""

    def run(*arguments: str, stdin: bytes = b"") -> Done:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = 0
        try:
            command = load_command_class("subscriptions", arguments[0])
            # What manage.py does with it, but for closing the connection of the test.
            parser = command.create_parser("manage.py", arguments[0])
            options = vars(parser.parse_args(arguments[1:]))
            command.execute(*options.pop("args", ()), **{**options, "skip_checks": True})
        except CommandError as error:
            code = error.returncode
            sys.stderr.write(f"CommandError: {error}\n")
        told = capsys.readouterr()
        return Done(arguments, code, told.out, told.err)

    return run


def alone(folder: Path, *arguments: str, stdin: Any = subprocess.DEVNULL) -> Done:
    """The same as a process of its own."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(folder)},
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


OWN = """email,keywords,hour,status
ada@example.org,"retrieval, -survey",7,active
grace@example.org,robots,99,active
mary@example.org,speech,9,unsubscribed
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(OWN)
    return path


def test_a_dry_run_is_a_diff_and_changes_nothing(manage: Manage, own: Path):
    counts = "1 new and pending, 1 not subscribed there, not imported, 1 set aside"
    for _ in range(2):
        done = manage("import_subscribers", str(own), "--dry-run")

        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "+ line 2: new, pending",
            "! line 3: hour: not 0 to 23",
            "- line 4: unsubscribed at Paper Round, not imported",
            f"3 lines: {counts}. Nothing was changed.",
        ]


def test_an_import_says_what_must_be_looked_at_and_the_totals(manage: Manage, own: Path):
    done = manage("import_subscribers", str(own), "--with-consent", STATEMENT)

    counts = "1 new and active, 1 not subscribed there, not imported, 1 set aside"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "! line 3: hour: not 0 to 23",
        f"3 lines: {counts}. No mail is sent by this.",
    ]
    again = manage("import_subscribers", str(own), "--dry-run")
    assert "= line 2: known, left as it is" in again.stdout


def test_the_result_can_be_read_by_a_program(manage: Manage, tmp_path: Path):
    path = tmp_path / "export.zip"
    path.write_bytes(audience_zip(subscribed=["ada@example.org"], cleaned=["mary@example.org"]))

    done = manage("import_subscribers", str(path), "--dry-run", "--json", "--with-consent", STATEMENT)

    told = json.loads(done.stdout)
    assert (told["dry_run"], told["total"], told["lines_left_out"]) == (True, 2, 0)
    assert (told["counts"]["active"], told["counts"]["refused"]) == (1, 1)
    assert told["lines"][0] == {
        "where": "line 2 (bounced)",
        "outcome": "refused",
        "reason": "bounced at Mailchimp, suppressed from now on",
    }


def test_a_list_can_come_by_a_pipe(manage: Manage):
    content = listmonk(("ada@example.org", "enabled"), ("grace@example.org", "disabled"))

    done = manage("import_subscribers", "-", "--format", "listmonk", stdin=content)

    assert done.stdout.startswith("2 lines: 1 new and pending, 1 not subscribed there, not imported.")


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        (b"name\nAda\n", [], "This is no list that can be read"),
        (b"", [], "The file is empty."),
        (b"email\na@example.org\n", ["--format", "mailchimp"], "names no column “Email Address”"),
        (b"email\na@example.org\n", ["--with-consent", "yes"], "--with-consent says too little"),
    ],
)
def test_a_list_that_cannot_be_taken_is_one_line_of_error(manage: Manage, content, options, told):
    done = manage("import_subscribers", "-", *options, stdin=content)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


def test_a_file_that_is_not_there_is_one_line_of_error(manage: Manage):
    done = manage("import_subscribers", "/nowhere/people.csv")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: /nowhere/people.csv cannot be read: No such file or directory.\n"


def test_a_person_gets_all_that_is_held_on_them(manage: Manage, own: Path, tmp_path: Path):
    manage("import_subscribers", str(own))

    printed = manage("export_subscriber", " ADA@Example.org ")
    written = manage("export_subscriber", "ada@example.org", "--output", str(tmp_path / "ada.json"))

    told = json.loads(printed.stdout)
    assert told["subscriber"]["address"] == "ada@example.org"
    assert told["preferences"]["keywords"] == ["retrieval", "-survey"]
    assert told["consent"][0]["origin"] == "import"
    assert json.loads((tmp_path / "ada.json").read_text()) == told
    assert stat.S_IMODE((tmp_path / "ada.json").stat().st_mode) == 0o600
    assert "ada@" not in written.stdout + written.stderr


def test_the_table_of_all_goes_out_and_comes_in_again(manage: Manage, own: Path, tmp_path: Path):
    manage("import_subscribers", str(own))
    path = tmp_path / "all.csv"

    printed = manage("export_subscribers")
    written = manage("export_subscribers", "--output", str(path))

    assert printed.stdout.splitlines()[1].startswith('ada@example.org,"retrieval, -survey",daily,,7,')
    assert path.read_bytes() == printed.stdout.encode()
    assert written.stdout == f"1 subscriber in {path}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "1 known" in manage("import_subscribers", str(path)).stdout


def test_a_file_that_cannot_be_written_is_one_line_of_error(manage: Manage):
    done = manage("export_subscribers", "--output", "/nowhere/all.csv")

    assert done.returncode == 1
    assert done.stderr == "CommandError: /nowhere/all.csv cannot be written: No such file or directory.\n"


def test_erasing_forgets_the_person_and_keeps_the_address_from_being_mailed(manage: Manage, own: Path):
    manage("import_subscribers", str(own))

    done = manage("erase_subscriber", "ADA@example.org", "--yes")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "The subscriber is erased, and the address is not mailed any more.\n"
    assert manage("export_subscriber", "ada@example.org").returncode == 1
    assert "- line 2: suppressed, not imported" in manage("import_subscribers", str(own), "--dry-run").stdout


def test_erasing_somebody_unknown_suppresses_them_all_the_same_and_says_so(manage: Manage, own: Path):
    done = manage("erase_subscriber", "ada@example.org", "--yes")

    assert done.stdout == "Nobody here had this address. It is not mailed from now on all the same.\n"
    assert "- line 2: suppressed" in manage("import_subscribers", str(own), "--dry-run").stdout


def test_without_a_terminal_erasing_wants_to_be_told_that_it_is_meant(manage: Manage, own: Path):
    manage("import_subscribers", str(own))

    done = manage("erase_subscriber", "ada@example.org")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "CommandError: There is nobody here to ask; say --yes if you are sure.\n"
    assert manage("export_subscriber", "ada@example.org").returncode == 0


def test_on_a_terminal_erasing_asks_first_and_errors_are_one_line(own: Path, tmp_path: Path):
    var = tmp_path / "var"
    alone(var, "migrate", "--verbosity", "0")
    imported = alone(var, "import_subscribers", str(own), "--with-consent", STATEMENT)
    assert (imported.returncode, imported.stderr) == (0, "")

    for typed, code, told in (("yes", 1, "Nothing was erased."), ("erase", 0, "The subscriber is erased")):
        ours, theirs = pty.openpty()
        os.write(ours, f"{typed}\n".encode())
        done = alone(var, "erase_subscriber", "ada@example.org", stdin=theirs)
        os.close(ours)
        os.close(theirs)

        assert "cannot be undone" in done.stdout
        assert done.returncode == code
        assert told in done.stdout + done.stderr
    gone = alone(var, "export_subscriber", "ada@example.org")
    assert (gone.returncode, gone.stderr) == (1, "CommandError: Nobody here has this address.\n")


@pytest.mark.parametrize(
    "command",
    ["export_subscriber ada@nowhere@", "export_subscriber ada@example.org", "erase_subscriber ada@x"],
)
def test_no_error_repeats_the_address(manage: Manage, command: str):
    done = manage(*command.split())

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "ada" not in done.stdout + done.stderr


# --- the page for operators --------------------------------------------------------------

PAGE = (ROOT / "docs" / "importing.md").read_text(encoding="utf-8")


def test_the_columns_of_the_page_are_those_that_are_read():
    assert tuple(re.findall(r"^\| `(\w+)` \|", PAGE, flags=re.MULTILINE)) == COLUMNS


def test_the_dry_run_of_the_page_looks_as_it_does(manage: Manage):
    make_subscriber("grace@example.org")
    suppress("mary@example.org", Suppression.Reason.ERASED)
    content = b"email\nada@example.org\ngrace@example.org\nmary@example.org\njoan\n"

    done = manage("import_subscribers", "-", "--dry-run", stdin=content)

    assert f"```\n{done.stdout}```" in PAGE


def test_the_limits_of_the_page_are_those_that_hold():
    assert f"up to {importing.MAX_BYTES // 1024**2} MB and {importing.MAX_LINES:,} lines" in PAGE
    assert f"to {opening.MAX_BYTES // 1024**2} MB (unpacked) and {opening.MAX_LINES:,} lines" in PAGE
