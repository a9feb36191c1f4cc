"""The check of a pack with a directory: everything that a certificate says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

from services.routing.packs.pack import Pack
from services.routing.proof import terms
from services.routing.proof.analysis import TableAnalysis
from services.routing.proof.certificate import Certificate, Failure
from services.routing.proof.columns import NotProvableError
from services.routing.proof.findings import Finding, Found
from services.routing.proof.pack_world import USUAL, world_of
from services.routing.proof.smallest import Smallest
from services.routing.proof.space import TooMuchError
from services.routing.proof.telling import Telling
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording
from shared.region import Region

_NOTES = (Finding.REDUNDANT, Finding.SAFETY_NET)


def check(
    pack: Pack, region: Region | None = None, day: date | None = None
) -> Certificate:
    """Proves a pack, on its first day if no other is given; with a region also that
    every answer leads to bodies there.
    """
    checking = _Checking(pack, region, day or _first_day(pack, region))
    failures = tuple(checking.failures())
    return Certificate(
        pack=pack.digest,
        version=pack.version,
        directory=region.digest if region else "",
        day=checking.day,
        proved=dict(sorted(checking.proved.items())),
        failures=failures,
        notes=tuple(checking.notes),
    )


def _first_day(pack: Pack, region: Region | None) -> date:
    """The first day on which both the rules and the region are there."""
    return max(pack.valid_from, region.head.valid_from) if region else pack.valid_from


class _Checking:
    def __init__(self, pack: Pack, region: Region | None, day: date) -> None:
        self._pack, self._region, self.day = pack, region, day
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
            telling = Telling(self._pack, self._region, self._wording, self.day)
            yield from telling.failures(web, smallest, self.proved)

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
