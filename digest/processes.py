"""Several processes run as one: their lines on one screen, one signal to end them all."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 20
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_together(commands: Mapping[str, Sequence[str]], *, env: Mapping[str, str], cwd: Path) -> int:
    """Run all commands until one of them ends or we are told to end; then end the others.

    Each runs in a session of its own, so that Ctrl-C reaches only us and every process is asked
    once, politely, by its main process: a worker's children must not be ended under its hands.
    What does not end in time, or leaves children behind, is killed.

    Returns 0 when we were told to end, else the exit code of the process that ended by itself.
    """
    ending = threading.Event()
    told = False

    def end(number: int, frame: FrameType | None) -> None:
        nonlocal told
        told = True
        ending.set()

    before = {number: signal.signal(number, end) for number in ENDING}
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, command in commands.items():
            if not told:
                running[name] = _start(name, command, max(map(len, commands)), env, cwd, ending)
        while not ending.wait(timeout=1.0):
            pass
        ended = next(((name, p.returncode) for name, p in running.items() if p.poll() is not None), None)
        if ended and not told:
            sys.stdout.write(f"The {ended[0]} process ended by itself (exit code {ended[1]}).\n")
    finally:
        _end_all(running.values())
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0 if told else (ended[1] if ended else 0) or 1


def _start(
    name: str,
    command: Sequence[str],
    width: int,
    env: Mapping[str, str],
    cwd: Path,
    ending: threading.Event,
) -> "subprocess.Popen[str]":
    process = subprocess.Popen(  # noqa: S603  (our own commands)
        command,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

    def show() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(f"{name:<{width}} | {line}")
            sys.stdout.flush()
        process.wait()
        ending.set()

    threading.Thread(target=show, daemon=True).start()
    return process


def _end_all(processes: Collection["subprocess.Popen[str]"]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=GRACE_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
