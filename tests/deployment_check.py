"""Would the code be fit to deploy as `deploy/env.example` sets it up? `make lint` asks.

`python -m tests.deployment_check` looks for changes of models without a migration and runs
Django's and our own checks of a deployment, each in a process that has that environment alone.
"""

import os
import re
import secrets
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "deploy" / "env.example"
LINE = re.compile(r"(?P<off>#?)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One `NAME=value` of the example: whether it is in force, and the comment above it."""

    name: str
    value: str
    active: bool
    comment: str


def example() -> list[Setting]:
    """The settings of `deploy/env.example`, in its order."""
    found, comment = [], ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if match := LINE.fullmatch(line):
            # What shell quoting makes of it; a test asks a shell and others whether they agree.
            value = "".join(shlex.split(match["value"]))
            found.append(Setting(match["name"], value, not match["off"], comment.strip()))
        elif line.startswith("#"):
            comment += line.removeprefix("#")
        else:
            comment = ""
    return found


def environment(folder: Path, **changes: str) -> dict[str, str]:
    """What a process of a deployment sees: the lines in force, with keys made up and files in `folder`."""
    settings = {
        setting.name: setting.value or secrets.token_hex(32) for setting in example() if setting.active
    }
    return {"PATH": os.environ["PATH"], **settings, "VAR_DIR": str(folder), **changes}


def manage(*arguments: str, env: dict[str, str], root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` with this environment and no other."""
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=root, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def problems(env: dict[str, str], folder: Path, root: Path = ROOT) -> list[str]:
    """What each failing command printed."""
    # makemigrations asks the database which migrations it has seen; the example's is nobody's.
    empty = {**env, "DATABASE_URL": f"sqlite:///{folder}/empty.sqlite3"}
    done = [
        manage("makemigrations", "--check", "--dry-run", env=empty, root=root),
        manage("check", "--deploy", "--fail-level", "WARNING", env=env, root=root),
    ]
    return [f"{shlex.join(run.args[1:])}:\n{run.stdout}" for run in done if run.returncode]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="paper-round-check-") as name:
        found = problems(environment(Path(name)), Path(name))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
