"""A wire to a server that can be cut, go dead, or lose the answer to a COMMIT.

It listens on a free port of this machine and passes on what it hears, each connection
in two threads. Of what passes it understands no more of PostgreSQL's messages than it
takes to find the answer to a COMMIT.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from psycopg.conninfo import conninfo_to_dict, make_conninfo

COMMITTED = b"C\0\0\0\x0bCOMMIT\0"
ENCRYPTED_PLEASE = {80877103, 80877104}
"""What a client asks first that would like TLS or GSSAPI."""
PIECE = 65536


class Wire:
    """Connections between clients and one server, which `connect` makes."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connect = connect
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._turn = threading.Lock()
        self._dead = self._cut = False
        self._loses: Callable[[], bool] = lambda: False
        self.lost = 0
        """How many answers to a COMMIT never reached the one who committed."""
        threading.Thread(target=self._accept, daemon=True, name="wire").start()

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._reset_all()

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Every connection is reset, and every new one at once."""
        self._cut = True
        self._reset_all()
        try:
            yield
        finally:
            self._cut = False

    @contextmanager
    def dead(self) -> Iterator[None]:
        """Nothing arrives and nobody is told, as behind a firewall that drops.

        At the end the connections are reset: what was swallowed is gone for good.
        """
        self._dead = True
        try:
            yield
        finally:
            self._dead = False
            self._reset_all()

    @contextmanager
    def losing_commits(self, which: Callable[[], bool]) -> Iterator[None]:
        """Of the answers to a COMMIT, those are lost for which `which` says so.

        The server has committed then; its client finds the connection broken.
        """
        self._loses = which
        try:
            yield
        finally:
            self._loses = lambda: False

    def _accept(self) -> None:
        with suppress(OSError):  # it is closed at the end
            while True:
                client, _ = self._listening.accept()
                threading.Thread(
                    target=self._serve, args=(client,), daemon=True, name="wire"
                ).start()

    def _serve(self, client: socket.socket) -> None:
        if self._cut:
            return _reset(client)
        try:
            server = self._connect()
        except OSError:
            return _reset(client)
        pair = (client, server)
        with self._turn:
            self._pairs.add(pair)
        answers = threading.Thread(target=self._answer, args=pair, daemon=True)
        answers.start()
        with suppress(OSError):
            self._ask(*pair)
        self._end(pair)
        return None

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(PIECE):
            if _asks_for_encryption(data):
                client.sendall(b"N")
            elif not self._dead:
                server.sendall(data)

    def _answer(self, client: socket.socket, server: socket.socket) -> None:
        answers = _Answers()
        with suppress(OSError):
            while data := server.recv(PIECE):
                if answers.commit_in(data) and self._loses():
                    self.lost += 1
                    break
                if not self._dead:
                    client.sendall(data)
        self._end((client, server))

    def _end(self, pair: tuple[socket.socket, socket.socket]) -> None:
        with self._turn:
            if pair not in self._pairs:
                return
            self._pairs.remove(pair)
        for each in pair:
            _reset(each)

    def _reset_all(self) -> None:
        for pair in list(self._pairs):
            self._end(pair)


class _Answers:
    """A PostgreSQL server's messages, as they come in pieces."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def commit_in(self, data: bytes) -> bool:
        """Whether these bytes complete the answer to a COMMIT."""
        self._rest += data
        found, at = False, 0
        while len(self._rest) - at >= 5:
            (size,) = struct.unpack_from(">I", self._rest, at + 1)
            if len(self._rest) - at <= size:
                break
            found |= self._rest[at : at + size + 1] == COMMITTED
            at += size + 1
        del self._rest[:at]
        return found


def to_postgres(url: str) -> Wire:
    """A wire to the server of a libpq address, also one on a Unix socket."""
    parts = conninfo_to_dict(url)
    host, port = str(parts["host"]), int(parts.get("port") or 5432)
    if not host.startswith("/"):
        return Wire(lambda: socket.create_connection((host, port)))
    path = str(Path(host) / f".s.PGSQL.{port}")
    return Wire(lambda: _on_unix_socket(path))


def url_by(wire: Wire, url: str) -> str:
    """The same database, reached by the wire."""
    return _as_url(make_conninfo(url, host="127.0.0.1", port=wire.port))


def _as_url(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    return "postgresql://{user}@{host}:{port}/{dbname}".format_map(parts)


def _on_unix_socket(path: str) -> socket.socket:
    found = socket.socket(socket.AF_UNIX)
    try:
        found.connect(path)
    except OSError:
        found.close()
        raise
    return found


def _asks_for_encryption(data: bytes) -> bool:
    return len(data) == 8 and struct.unpack(">II", data)[1] in ENCRYPTED_PLEASE


def _reset(connection: socket.socket) -> None:
    """Close without a goodbye; whoever waits for it on this side is woken."""
    with suppress(OSError):
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        connection.shutdown(socket.SHUT_RD)
    connection.close()
