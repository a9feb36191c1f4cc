"""The ports of the local Kafka: chosen once, remembered with its data."""

from __future__ import annotations

import json
import random
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.errors import CannotStart

# Below the range from which systems give ports to outgoing connections: a client that
# keeps trying to reach a dead broker can otherwise be given the broker's own port.
PORTS = range(20_000, 30_000)


@dataclass(frozen=True)
class Ports:
    """Where the node serves clients and where it talks to itself as controller."""

    port: int
    controller_port: int


def remembered_ports(data: Path) -> Ports | None:
    """The ports of the last start on this data."""
    try:
        return Ports(**json.loads((data / "ports.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def choose_ports(data: Path, wanted: int | None) -> Ports:
    """The wanted port, else the one used before, else any free one; remembered."""
    before = remembered_ports(data)
    if wanted is None and before and is_free(before.port):
        port = before.port
    else:
        port = wanted or free_port()
    if not is_free(port):
        raise CannotStart("port_taken", port=port)
    chosen = Ports(port, free_port(other_than=port))
    (data / "ports.json").write_text(json.dumps(asdict(chosen)), encoding="utf-8")
    return chosen


def free_port(other_than: int | None = None) -> int:
    """A port that nobody listens on at this moment."""
    for port in random.sample(PORTS, 200):
        if port != other_than and is_free(port):
            return port
    raise CannotStart("port_taken", port=f"{PORTS.start}-{PORTS.stop}")


def is_free(port: int) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
