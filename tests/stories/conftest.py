"""The worlds in which stories are told: each on both carriers, calm and repeating itself.

One world runs at a time; what it came to is remembered until the end of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
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
        self._tellings: dict[str, Told | Exception] = {}

    def open(self, name: str) -> World:
        """The world of this name; another one that runs is stopped first."""
        if name not in self._open:
            self.close()
            self._open[name] = self.make(name).__enter__()
        return self._open[name]

    def make(self, name: str) -> World:
        """A world that is not started, with data of its own."""
        carrier, _, twice = name.partition("-")
        kind = {"embedded": EmbeddedWorld, "kafka": KafkaWorld}[carrier]
        return kind(self._folder / f"{next(self._number)}-{name}", twice=bool(twice))

    def close(self) -> None:
        while self._open:
            self._open.popitem()[1].stop()

    def told(self, name: str) -> Told:
        """How all stories went in this world. They are told there once."""
        if name not in self._tellings:
            try:
                self._tellings[name] = self._tell(self.open(name))
            except Exception as error:  # no other test is to try it again
                self._tellings[name] = error
        found = self._tellings[name]
        if isinstance(found, Exception):
            raise found
        return found

    def _tell(self, world: World) -> Told:
        ends = tell(world, STORIES)
        if world.twice:
            world.deliver_the_rest()
        return Told(ends, chronicle(world))


@pytest.fixture(scope="session")
def worlds() -> Iterator[Worlds]:
    """Not below pytest's own folder, which it closes to the user of the database."""
    with TemporaryDirectory(prefix="fengqiao-", ignore_cleanup_errors=True) as folder:
        found = Worlds(Path(folder))
        yield found
        found.close()
