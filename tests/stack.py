"""Run the tests on one of the two stacks: `python -m tests.stack embedded|servers [pytest args]`.

`embedded` is SQLite and the filesystem broker. `servers` is PostgreSQL and Redis: those named by
`TEST_DATABASE_URL` and `TEST_REDIS_URL`, else private ones, started from programs of this machine
or from wheels, and ended again.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.servers import Missing, postgres_url, redis_url

ROOT = Path(__file__).resolve().parent.parent


def main(stack: str, arguments: list[str]) -> int:
    with (
        tempfile.TemporaryDirectory(prefix="paper-round-tests-") as folder,
        environment(stack, Path(folder)) as env,
    ):
        if env is None:
            return 1 if os.environ.get("CI") else 0
        print(f"\n=== tests on the {stack} stack ===", flush=True)
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


@contextlib.contextmanager
def environment(stack: str, folder: Path) -> Iterator[dict[str, str] | None]:
    """The environment of the test run; None, with a loud word, where a server cannot be had."""
    env = {
        key: value
        for key, value in os.environ.items()
        if key in PASSED_ON or key.startswith(("LC_", "PYTHON"))
    }
    env |= {"VAR_DIR": str(folder / "var"), "TEST_STACK": stack}
    if stack == "embedded":
        yield env
        return
    with contextlib.ExitStack() as stack_of_servers:
        try:
            env["DATABASE_URL"] = stack_of_servers.enter_context(postgres_url(folder))
            env["REDIS_URL"] = stack_of_servers.enter_context(redis_url(folder))
        except Missing as error:
            print(f"\n*** LEFT OUT: all tests on PostgreSQL and Redis. {error} ***\n", file=sys.stderr)
            yield None
            return
        yield env


# Settings of whoever runs the tests must not leak in: the tests make their own.
PASSED_ON = {"PATH", "HOME", "LANG", "CI", "TERM", "USER", "TMPDIR", "TZ", "TEST_LONG"}


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ("embedded", "servers"):
        sys.exit("usage: python -m tests.stack embedded|servers [pytest arguments]")
    sys.exit(main(sys.argv[1], sys.argv[2:]))
