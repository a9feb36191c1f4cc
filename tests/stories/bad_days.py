"""Processes of the product that are killed, and others that come to help and leave."""

from __future__ import annotations

import os
import signal

from services.children import Child
from tests.stories.kafka_world import KafkaWorld
from tests.stories.world import wait_until

SHARED = {
    "escalation": "escalation-hears",
    "routing": "routing-hears",
}
"""The services that guests are more of, and a group of consumers that each joins."""


def kill(world: KafkaWorld, *names: str) -> None:
    """SIGKILL these services. Nobody here starts them again."""
    for name in names:
        process = world.product.children.children[name].process
        assert process
        process.kill()


def kill_process(pid: int | None) -> None:
    """SIGKILL a process that runs."""
    assert pid
    os.kill(pid, signal.SIGKILL)


def processes(world: KafkaWorld) -> dict[str, int]:
    """The process of each service, as long as it is one."""
    children = world.product.children.children.values()
    return {c.name: c.process.pid for c in children if c.process}


class Guests:
    """More processes of some services, which share the work while they are there."""

    def __init__(self, world: KafkaWorld) -> None:
        self._world, self._guests = world, list[Child]()

    def come(self) -> None:
        """Start them; they are not there yet."""
        folder = self._world.settings.data / "guests"
        self._guests = [Child(name, self._like(name), folder) for name in SHARED]
        for guest in self._guests:
            guest.start()

    def wait_until_they_work(self) -> None:
        members = self._world.outside.members
        for group in SHARED.values():
            wait_until(lambda group=group: members(group) == 2, f"a guest of {group}")  # type: ignore[misc]

    def leave(self, by: signal.Signals) -> None:
        for guest in self._guests:
            assert guest.process
            guest.process.send_signal(by)
            guest.process.wait()

    def _like(self, name: str) -> dict[str, str]:
        """The environment of the service that is there already, at another port."""
        resident = self._world.product.children.children[name]
        return {**resident._env, "FENGQIAO_HTTP_PORT": "0"}
