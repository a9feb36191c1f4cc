"""The ledger (台账) of a run: what was sent, what was acknowledged, and what became of it.

The client writes into it while things break. At the end it is compared with what lies in
the databases, on the topics and in the outbox; see `tests.chaos.checks`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from itertools import zip_longest
from typing import NamedTuple

from tests.chaos import checks
from tests.chaos.stored import Stored, stored
from tests.stories.world import World

MUST_BE_NONE = ("doubled", "lost", "orphaned", "silent", "late")
SHOWN = 8


class Referral(NamedTuple):
    """A referral as its sender knows it."""

    sender: str
    reference: str

    def is_in(self, found: Stored) -> bool:
        return self in found.registered


class Command(NamedTuple):
    """A command as the body that gave it knows it."""

    by: str
    command_id: str

    def is_in(self, found: Stored) -> bool:
        return self in found.commands


Said = Referral | Command


class Account(NamedTuple):
    """A ledger compared with what is stored: counts, and the first of what is wrong."""

    seed: int
    counts: dict[str, int]
    found: Stored
    wrong: dict[str, list[str]]

    def table(self) -> str:
        """All of it at one look."""
        counts = [f"{name:>12} {number:>7}" for name, number in self.counts.items()]
        kept = [f"{name:>14} {number:>7}" for name, number in self.found.sizes.items()]
        rows = [
            f"{left:20} {right}".rstrip()
            for left, right in zip_longest(counts, kept, fillvalue="")
        ]
        head = f"{f'seed {self.seed}':>20} {'events stored':>22}"
        return "\n".join([head, *rows, *self._words()])

    def must_be_clean(self, *, parked: int | None = 0) -> None:
        """Fails with the table if anything is there that may not be.

        `parked` is how many messages ought to be; None if any number may.
        """
        said = f"\n{self.table()}\nrun it again with FENGQIAO_SEED={self.seed}"
        for name in MUST_BE_NONE:
            assert self.counts[name] == 0, said
        assert parked is None or self.counts["parked"] == parked, said

    def _words(self) -> Iterable[str]:
        for name, found in self.wrong.items():
            yield from (f"{name}: {each}" for each in found[:SHOWN])
            if len(found) > SHOWN:
                yield f"{name}: and {len(found) - SHOWN} more"


class Ledger:
    """What bodies outside said, and what they were told. For many threads at once."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._lock = threading.Lock()
        self._sent = dict[Said, None]()
        self._acknowledged = dict[Said, str | None]()
        self._contradicted = list[str]()

    def sent(self, said: Said) -> None:
        """It is about to be sent, for the first time or again."""
        with self._lock:
            self._sent[said] = None

    def acknowledged(self, said: Said, receipt: str | None = None) -> None:
        """It was taken. Every receipt for the same must be the same."""
        with self._lock:
            before = self._acknowledged.get(said)
            if before and receipt and before != receipt:
                self._contradicted.append(f"{said}: a second, other receipt")
            self._acknowledged[said] = receipt or before

    def is_acknowledged(self, said: Said) -> bool:
        with self._lock:
            return said in self._acknowledged

    def refused(self, said: Said) -> None:
        """A command that came too late, or from the wrong body. Once taken, it may never
        be refused.
        """
        with self._lock:
            if said in self._acknowledged:
                self._contradicted.append(f"{said}: taken, and refused when repeated")
            self._sent.pop(said, None)

    def account(self, world: World) -> Account:
        """Compare with everything there is. The world must have come to rest."""
        found = stored(world)
        with self._lock:
            sent, acknowledged = list(self._sent), list(self._acknowledged)
            contradicted = list(self._contradicted)
        wrong = {
            "doubled": [*contradicted, *checks.doubled(found)],
            "lost": [*self._missing(acknowledged, found), *checks.lost(found)],
            "orphaned": list(checks.orphaned(found)),
            "silent": list(checks.silent(found)),
            "late": list(checks.late(found)),
            "parked": [f"{each.came_from}: {each.reason}" for each in found.parked],
        }
        counts = {
            "sent": len(sent),
            "acknowledged": len(acknowledged),
            "stored": sum(said.is_in(found) for said in sent),
            **{name: len(each) for name, each in wrong.items()},
            "went out": len({letter.notice for letter in found.letters}),
        }
        return Account(self.seed, counts, found, wrong)

    def _missing(self, acknowledged: Iterable[Said], found: Stored) -> Iterable[str]:
        for said in acknowledged:
            if not said.is_in(found) and not found.is_parked(said[1]):
                yield f"{said} was acknowledged and is not there"
