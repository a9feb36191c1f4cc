"""A real Kafka in a data folder, from its jars, on the Java of a wheel.

One combined node (KRaft) on 127.0.0.1. Every process that starts it on the same folder
shares one broker; the last one out stops it. It makes no topics: `deploy.topics` does.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
from pathlib import Path

from deploy.local import kafka_files, ports, processes
from deploy.local.account import account_for
from deploy.local.server import LocalServer, last_lines

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
MAIN = "kafka.Kafka"
JAVA_LOG = "java.log"


class LocalKafka(LocalServer):
    """The broker of one data folder: start it, watch it, leave it."""

    def __init__(self, data: Path, port: int | None = None) -> None:
        super().__init__(data)
        self._wanted = port
        self._last_pid: int | None = None

    @property
    def bootstrap(self) -> str:
        """`127.0.0.1:PORT`."""
        found = ports.remembered_ports(self.data)
        return f"127.0.0.1:{found.port if found else self._wanted}"

    @property
    def address(self) -> str:
        return self.bootstrap

    @property
    def log(self) -> Path:
        return self.data / "kafka.log"

    @property
    def pid(self) -> int | None:
        if child := self._child:
            child.poll()
        words = (MAIN, str(self.data / "server.properties"))
        if self._last_pid is None or not processes.is_alive(self._last_pid, *words):
            self._last_pid = processes.find(*words)
        return self._last_pid

    def start(self) -> str:
        """As for every local server; a restart must keep the port it returns."""
        address = super().start()
        self._wanted = int(address.rpartition(":")[2])
        return address

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead: for tests of a bad day."""
        if (pid := self.pid) is not None:
            processes.end(pid, (signal.SIGKILL, 5.0))

    def _prepare(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        if os.geteuid() != 0:
            account_for(self.data)

    def _launch(self) -> None:
        found = ports.choose_ports(self.data, self._wanted)
        kafka_files.write_settings(self.data, found)
        kafka_files.format_once(self.data)
        arguments = [MAIN, str(self.data / "server.properties")]
        with (self.data / JAVA_LOG).open("ab") as said:
            child = subprocess.Popen(
                kafka_files.java(self.data, *arguments),
                cwd=self.data,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        self._adopt(child)
        self._last_pid = child.pid

    def _is_ready(self) -> bool:
        found = ports.remembered_ports(self.data)
        try:
            return found is not None and knows_a_broker(found.port)
        except OSError:
            return False

    def _last_words(self) -> str:
        """Java itself may have something to say, such as that memory is short."""
        return f"{last_lines(self.data / JAVA_LOG, 5)}\n{last_lines(self.log)}"

    def _shut_down(self) -> None:
        if (pid := self.pid) is None:
            return
        if not processes.end(pid, (signal.SIGTERM, 4.0), (signal.SIGKILL, 2.0)):
            raise self._failure("does_not_stop", pid=pid)
        self._bury()


def knows_a_broker(port: int, host: str = "127.0.0.1", seconds: float = 2) -> bool:
    """Ask for the cluster's metadata: a broker is named once it takes requests."""
    request = struct.pack(">hhihi", 3, 0, 1, -1, 0)  # Metadata v0, nobody, all topics
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        answer = connection.makefile("rb").read(12)
    return len(answer) == 12 and int(struct.unpack(">iii", answer)[2]) > 0
