"""Plays one simulation from its choices, and says what it came to."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.actions import Actions
from tests.simulation.choices import Choices, Recorded
from tests.simulation.ending import Agreement, heal
from tests.simulation.promises import Promises
from tests.simulation.stage import on_stage
from tests.simulation.world import Broken, World

UNFORESEEN = "nothing unforeseen happens"


@dataclass
class Played:
    """How a simulation went: what was drawn, the story, and the promise that broke."""

    drawn: Recorded
    story: list[str]
    disputes: int
    events: int
    broken: str | None = None
    found: str = ""


def play(seed: int = 0, again: Sequence[Sequence[int]] = ()) -> Played:
    """Play what a seed says, or what was drawn before."""
    choices = Choices(seed, again)
    world = World(choices)
    promises = Promises(world)
    broken = found = None
    with on_stage(world):
        try:
            _play(world, promises)
        except Broken as error:
            broken, found = error.promise, str(error)
        except Exception:
            broken = UNFORESEEN
            found = f"{UNFORESEEN}: {traceback.format_exc()}"
    return Played(
        choices.drawn,
        world.story,
        len(promises.custody),
        sum(len(world.histories[name].rows) for name in world.histories),
        broken,
        found or "",
    )


def _play(world: World, promises: Promises) -> None:
    choices = world.choices
    actions = Actions(world, promises)
    world.act = actions.meanwhile
    for step in choices.steps():
        if step == 0:
            world.on_kafka = bool(choices.below(2))
            actions.asking.disputes = 1 + choices.below(3)
            continue
        actions.in_trouble()
        promises.hold()
    heal(world, actions, promises)
    Agreement(world, promises).holds()
