"""The check of a pack with a directory: everything that a certificate says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from services.routing.packs.pack import Pack
from services.routing.proof import terms
from services.routing.proof.analysis import TableAnalysis
from services.routing.proof.certificate import Certificate, Failure, Limit
from services.routing.proof.columns import NotProvableError
from services.routing.proof.findings import Finding, Found
from services.routing.proof.pack_world import USUAL, world_of
from services.routing.proof.progress import Progress, unseen
from services.routing.proof.smallest import Smallest
from services.routing.proof.space import TooMuchError
from services.routing.proof.spots import turning_days
from services.routing.proof.telling import Telling
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording, say
from shared.region import Region

NOT_COVERED = ("organisation", "prior-failed", "absences")
"""What the proof does not vary about disputes and bodies."""

_NOTES = (Finding.REDUNDANT, Finding.SAFETY_NET)


def check(
    pack: Pack,
    region: Region | None = None,
    day: date | None = None,
    progress: Progress = unseen,
) -> Certificate:
    """Proves a pack, from its first day on if no other is given; with a region also
    that every answer leads to bodies there, on each day from then on.
    """
    first = day or _first_day(pack, region)
    days = turning_days(region, first, pack.valid_to) if region else [first]
    checking = _Checking(pack, region, days, progress)
    failures = tuple(checking.failures())
    return Certificate(
        pack=pack.digest,
        version=pack.version,
        directory=region.digest if region else "",
        days=tuple(days),
        proved=dict(sorted(checking.proved.items())),
        failures=failures,
        notes=tuple(checking.notes),
        not_covered=tuple(map(_limit, NOT_COVERED)) if region else (),
    )


def _limit(code: str) -> Limit:
    words = say(f"not-covered.{code}")
    return Limit(code, words.zh, words.en)


def _first_day(pack: Pack, region: Region | None) -> date:
    """The first day on which both the rules and the region are there."""
    return max(pack.valid_from, region.head.valid_from) if region else pack.valid_from


class _Checking:
    def __init__(
        self,
        pack: Pack,
        region: Region | None,
        days: Sequence[date],
        progress: Progress,
    ) -> None:
        self._pack, self._region, self._days = pack, region, days
        self._progress = progress
        self._wording = Wording(pack, region)
        self.proved: Counter[str] = Counter()
        self.notes: list[Failure] = []

    def failures(self) -> Iterator[Failure]:
        yield from terms.clocks(self._pack, self._wording)
        self.proved["clocks"] = len(self._pack.clocks) + len(self._pack.profiles)
        try:
            web = Web(self._pack.graph, world_of(self._pack, self._region))
        except NotProvableError as error:
            found = Found(Finding.NOT_PROVABLE, error.table, column=error.column)
            yield self._wording.found(found)
            return
        smallest = Smallest(web, USUAL)
        yield from self._of_tables(web, smallest)
        yield from self._of_handoffs(web, smallest)
        if self._region:
            telling = Telling(self._pack, self._region, self._wording, self._days)
            yield from telling.failures(web, smallest, self.proved, self._progress)
            self.notes += telling.notes

    def _of_tables(self, web: Web, smallest: Smallest) -> Iterator[Failure]:
        for laid in web.laid.values():
            made = TableAnalysis(web, laid.table, smallest).made()
            self.proved["tables"] += 1
            self.proved["rows"] += made.rows
            self.proved["pieces"] += made.pieces
            self.notes += (self._wording.found(f) for f in made.of(*_NOTES))
            for found in made.found:
                if found.finding not in _NOTES:
                    yield self._wording.found(found)

    def _of_handoffs(self, web: Web, smallest: Smallest) -> Iterator[Failure]:
        self.proved["handoffs"] = len(self._pack.handoffs)
        try:
            handoffs = terms.Handoffs(self._pack, web, smallest, self._wording)
            yield from handoffs.failures()
        except TooMuchError:
            yield self._wording.failure("undecided", table="terms")
