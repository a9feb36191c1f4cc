"""Every past decision made again, with the very rules and directory that made it.

A stream over routing's history: however long that is, one page of it is in memory. Any
difference is an error, for then a decision cannot be accounted for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from services.routing.backtest.columns import ROUTED
from services.routing.backtest.past import Histories, Stored, names_of
from services.routing.backtest.questions import Asking
from services.routing.directory import Directory
from services.routing.domain import TABLE
from services.routing.packs import Pack, PackDecider
from shared.calendar import Calendar
from shared.events import wire
from shared.events.errors import FengqiaoError, RefusedError
from shared.events.routing import Routed
from shared.events.vocabulary import dispute_code
from shared.events.wire import Told
from shared.region import Region

PAGE = 2_000


class Difference(NamedTuple):
    """A decision that did not come out as it was recorded.

    `fields` are what differs; `why` is the code of an error that kept it from being
    made at all.
    """

    dispute: str
    request: int
    versions: dict[str, str]
    fields: tuple[str, ...] = ()
    why: str | None = None

    @property
    def named(self) -> str:
        return f"{self.dispute} ({self.request})"


@dataclass
class Library:
    """Rules, directories and calendars of any age. Each raises `FengqiaoError`.

    Where no calendars are kept, the calendar of today is gone by.
    """

    pack: Callable[[str], Pack]
    region: Callable[[str], Region]
    calendar: Callable[[str], Calendar] | None = None
    _deciders: dict[str, PackDecider] = field(default_factory=dict)
    _directories: dict[tuple[object, ...], Directory] = field(default_factory=dict)

    def decider(self, version: str) -> PackDecider:
        if version not in self._deciders:
            self._deciders[version] = PackDecider(self.pack(version))
        return self._deciders[version]

    def directory(self, versions: Mapping[str, str], pack: Pack) -> Directory:
        """The one of a decision, looked through as its pack wants it, on its days."""
        digest, days = versions["directory"], versions.get("calendar")
        key = digest, days, pack.resolution, pack.calendar
        if key not in self._directories:
            calendar = self.calendar(days) if self.calendar and days else None
            found = Directory.of(self.region(digest), pack.head, calendar)
            self._directories[key] = found
        return self._directories[key]


@dataclass
class Reproduction:
    """Goes through a history; `counted` is complete when that has ended."""

    histories: Histories
    library: Library
    counted: Counter[str] = field(default_factory=Counter)

    def differences(self) -> Iterator[Difference]:
        position, names = 0, names_of(ROUTED)
        while page := self.histories.after(position, names, PAGE):
            position = page[-1][0]
            for stored in page:
                if found := self._difference(stored):
                    self.counted["differences"] += 1
                    yield found

    def _difference(self, stored: Stored) -> Difference | None:
        position, dispute, version, name, body = stored
        told = Told("routing", UUID(int=0), position, dispute, version, name, body)
        recorded = wire.read(told)
        event = recorded.event
        assert isinstance(event, Routed)
        self.counted["decisions"] += 1
        asking = Asking.of_event(recorded)
        if asking is None:
            self.counted["not_recorded"] += 1
            return None
        self.counted["reproduced"] += 1
        try:
            again = self._again(asking, event)
        except FengqiaoError as error:
            return _difference(dispute, event, why=_code(error))
        fields = differing(event, again)
        return _difference(dispute, event, fields) if fields else None

    def _again(self, asking: Asking, event: Routed) -> Routed:
        decider = self.library.decider(event.versions[TABLE])
        directory = self.library.directory(event.versions, decider.pack)
        again = _as_versioned_then(asking.again(decider, directory), event)
        return _as_told_then(again, event)


def _as_versioned_then(again: Routed, event: Routed) -> Routed:
    """A version that was not recorded at first, as that of the calendar, is left out."""
    told = {name: v for name, v in again.versions.items() if name in event.versions}
    return again.model_copy(update={"versions": told})


def _as_told_then(again: Routed, event: Routed) -> Routed:
    """Clocks said nothing of pauses and extension at first: then that is not compared."""
    told = event.clocks + ((event.answer,) if event.answer else ())
    if not told or any(terms.pauses is not None for terms in told):
        return again
    less = {"pauses": None, "extension": None}
    clocks = tuple(terms.model_copy(update=less) for terms in again.clocks)
    answer = again.answer and again.answer.model_copy(update=less)
    return again.model_copy(update={"clocks": clocks, "answer": answer})


def differing(one: Routed, other: Routed) -> tuple[str, ...]:
    """The fields in which two decisions differ."""
    fields = Routed.model_fields
    return tuple(name for name in fields if _of(one, name) != _of(other, name))


def _code(error: FengqiaoError) -> str:
    if isinstance(error, RefusedError):
        return f"{error.code}.{error.reason}"
    return error.code


def _of(event: Routed, name: str) -> Any:
    return getattr(event, name)


def _difference(
    dispute: UUID, event: Routed, fields: tuple[str, ...] = (), why: str | None = None
) -> Difference:
    code = dispute_code(dispute, event.facts.place)
    return Difference(code, event.request, event.versions, fields, why)
