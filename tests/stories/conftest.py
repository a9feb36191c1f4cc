"""The worlds in which stories are told: each on both carriers, calm and repeating itself.

One world runs at a time; what it came to is remembered until the end of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

pytest.register_assert_rewrite(
    *(f"tests.stories.{name}" for name in ("handoffs", "papers", "rights", "telling"))
)

from tests.stories.catalogue import STORIES  # noqa: E402
from tests.stories.chronicle import Chronicle, chronicle  # noqa: E402
from tests.stories.embedded_world import EmbeddedWorld  # noqa: E402
from tests.stories.kafka_world import KafkaWorld  # noqa: E402
from tests.stories.telling import tell  # noqa: E402
from tests.stories.world import World  # noqa: E402


class Told(NamedTuple):
    """How every story ended in a world, and what the world knew then."""

    ends: dict[str, Exception | None]
    chronicle: Chronicle


class Worlds:
    """Starts worlds by name: `embedded` or `kafka`, with or without `-twice`."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._number = folder, count()
        self._open: dict[str, World] = {}
        self.told = cache(self._told)

    def open(self, name: str) -> World:
        """The world of this name; another one that runs is stopped first."""
        if name not in self._open:
            self.close()
            self._open[name] = world = self.make(name)
            world.start()
        return self._open[name]

    def make(self, name: str) -> World:
        """A world that is not started, with data of its own."""
        carrier, _, twice = name.partition("-")
        kind = {"embedded": EmbeddedWorld, "kafka": KafkaWorld}[carrier]
        return kind(self._folder / f"{next(self._number)}-{name}", twice=bool(twice))

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].stop()

    def _told(self, name: str) -> Told:
        world = self.open(name)
        ends = tell(world, STORIES)
        if world.twice:
            world.deliver_the_rest()
        return Told(ends, chronicle(world))


@pytest.fixture(scope="session")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    found = Worlds(tmp_path_factory.mktemp("worlds"))
    yield found
    found.close()
