"""A server on loopback that says byte for byte what a test wants, however wrong."""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived. Names of headers are lower case; `at` is the monotonic clock."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float


Script = Callable[[Asked, socket.socket], None]


def answer(
    body: bytes = b"", status: int = 200, /, *, length: int | str | None = None, **headers: str
) -> bytes:
    """A well-formed answer; `length` is what it claims to be long. Underscores in names are hyphens."""
    named = {"Content-Length": str(len(body) if length is None else length)}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} Word\r\n{lines}\r\n".encode("latin-1") + body


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n", **headers: str) -> bytes:
    """An answer in chunks, whose end may be left out."""
    head = answer(Content_Length="", Transfer_Encoding="chunked", **headers)
    return head + b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


class Wire:
    """Answers by `script`. It remembers what it was asked, and how many connections there were."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self.script: Script = lambda _, sock: sock.sendall(answer(b"[]"))
        self._tls = tls
        self._open: list[socket.socket] = []
        self._closing = threading.Event()
        self._listener = socket.create_server((host, port))
        self.host, self.port = self._listener.getsockname()[:2]
        self._thread = threading.Thread(target=self._listen, daemon=True)

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://{self.host}:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def says(self, *answers: bytes, then_close: bool = False) -> None:
        """Give these answers one after the other; the last one for ever."""
        left = list(answers)

        def script(_: Asked, sock: socket.socket) -> None:
            sock.sendall(left.pop(0) if len(left) > 1 else left[0])
            if then_close:
                sock.shutdown(socket.SHUT_RDWR)

        self.script = script

    def drips(self, head: bytes, drop: bytes, *, every: float = 0.1) -> None:
        """Say `head`, and then `drop` for ever: something always arrives, and nothing ever ends."""

        def script(_: Asked, sock: socket.socket) -> None:
            sock.sendall(head)
            while not self._closing.wait(every):
                sock.sendall(drop)

        self.script = script

    def resets(self, first: bytes = b"") -> None:
        """Break the connection off without goodbye, after these bytes."""

        def script(_: Asked, sock: socket.socket) -> None:
            sock.sendall(first)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            raise ConnectionResetError

        self.script = script

    def keeps_silent(self) -> None:
        def script(_: Asked, __: socket.socket) -> None:
            self._closing.wait(30)

        self.script = script

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        # Closing alone does not wake who waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            sock.close()
        self._thread.join(timeout=5)

    def _listen(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(sock)
            with sock.makefile("rb") as lines:
                while line := lines.readline():
                    method, path, _ = line.decode("latin-1").split(" ", 2)
                    headers = {}
                    while (line := lines.readline()).strip():
                        name, _, value = line.decode("latin-1").partition(":")
                        headers[name.lower()] = value.strip()
                    body = lines.read(int(headers.get("content-length", 0)))
                    asked = Asked(method, path, headers, body, time.monotonic())
                    self.asked.append(asked)
                    self.script(asked, sock)
        except (OSError, ValueError):  # who asked has hung up, or the script has
            pass
        finally:
            sock.close()
