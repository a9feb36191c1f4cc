"""Values of one expression put into classes that no row of any table tells apart.

All columns that ask the same thing share the classes: every dispute is put into its
class once, and from then on a row's conditions are a look-up by a small number.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from services.routing.backtest.expressions import below
from services.routing.dmn.columns import Index
from services.routing.dmn.extents import AFTER_ALL, BEFORE_ALL, Cut, Extent


@dataclass(frozen=True)
class Classes:
    """Class n lies between cut n-1 and cut n; the last class is null."""

    cuts: tuple[Cut, ...]

    @classmethod
    def of(cls, indexes: Iterable[Index], allowed: Iterable[Extent | None]) -> Classes:
        """Classes that keep apart what any of these keeps apart."""
        cuts = {cut for index in indexes for cut in index.cuts}
        ends = {cut for e in allowed if e for i in e.intervals for cut in i}
        return cls(tuple(sorted((cuts | ends) - {BEFORE_ALL, AFTER_ALL})))

    def masks(self, index: Index) -> list[int]:
        """The rows that match in each class, as bits."""
        starts = (BEFORE_ALL, *self.cuts)
        places = (bisect_right(index.cuts, start) for start in starts)
        return [*(index.masks[place] for place in places), index.null_mask]

    def refused(self, allowed: Extent | None) -> list[bool]:
        """For each class whether its values may not come. Null may always."""
        starts = (BEFORE_ALL, *self.cuts)
        return [*(not _covers(allowed, start) for start in starts), False]

    def number(self, value: str) -> str:
        """The class of a value in SQL, by a search through the cuts."""
        found = self._search(value, 0, len(self.cuts))
        return f"CASE WHEN {value} IS NULL THEN {len(self.cuts) + 1} ELSE {found} END"

    def _search(self, value: str, first: int, last: int) -> str:
        if first == last:
            return str(first)
        middle = (first + last) // 2
        low = self._search(value, first, middle)
        high = self._search(value, middle + 1, last)
        return f"CASE WHEN {below(self.cuts[middle], value)} THEN {low} ELSE {high} END"


def _covers(allowed: Extent | None, start: Cut) -> bool:
    """Whether the class that starts here is allowed; it is so as a whole or not at all."""
    if allowed is None:
        return True
    starts = [interval.start for interval in allowed.intervals]
    place = bisect_right(starts, start) - 1
    return place >= 0 and start < allowed.intervals[place].end
