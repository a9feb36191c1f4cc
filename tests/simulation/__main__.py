"""Simulations for as long as asked: `python -m tests.simulation --minutes 5`.

Ends with 1 at the first promise that breaks, after making its story short. The same
seed always tells the same story.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator

from tests.simulation.play import Played, play
from tests.simulation.shrink import Shrinking
from tests.simulation.stage import in_silence


def main() -> int:
    asked, came_to = _asked(), CameTo()
    with in_silence():
        for seed in _seeds(asked):
            played = play(seed)
            if played.broken:
                if asked.shrink:
                    played = Shrinking(played, asked.shrink).run()
                _say(told(seed, played))
                return 1
            came_to.add(played)
    _say(str(came_to))
    return 0


class CameTo:
    """How much was played, and how fast."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._plays = self._disputes = self._events = 0

    def add(self, played: Played) -> None:
        self._plays += 1
        self._disputes += played.disputes
        self._events += played.events

    def __str__(self) -> str:
        minutes = (time.monotonic() - self._began) / 60
        return (
            f"{self._plays} simulations, {self._disputes} disputes, {self._events} "
            f"events: no promise broke; {self._disputes / minutes:.0f} disputes a minute"
        )


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


def told(seed: int, played: Played) -> str:
    """The story of a broken promise, in plain words."""
    steps = "\n".join(f"  {line}" for line in played.story)
    again = f"python -m tests.simulation --seed {seed} --plays 1"
    return f"BROKEN {played.found}\n{steps}\nseed {seed}: {again}"


def _seeds(asked: argparse.Namespace) -> Iterator[int]:
    until = time.monotonic() + asked.minutes * 60 if asked.minutes else None
    seed = asked.seed
    while time.monotonic() < until if until else seed < asked.seed + asked.plays:
        yield seed
        seed += 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--minutes", type=_positive, help="go on for so long")
    parser.add_argument(
        "--plays", type=_positive, default=100, help="or so many simulations"
    )
    parser.add_argument("--seed", type=int, default=0, help="the first one's seed")
    parser.add_argument("--shrink", type=float, default=60, help="seconds; 0 is not")
    return parser.parse_args()


def _positive(text: str) -> float:
    if not 0 < float(text) < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return float(text)


if __name__ == "__main__":
    sys.exit(main())
