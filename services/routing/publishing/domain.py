"""What has been proposed and published in a region, and what is in force on a day.

Pure. On every day exactly one pack is in force: a later one takes over from the former,
which is back when the later one ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import Self

from pydantic import Field

from services.routing.publishing.proposals import Approval, InForce, Proposal, Stage
from shared.events.base import DomainEvent, State
from shared.events.rules import (
    DirectoryFound,
    DirectoryPublished,
    PackAdopted,
    PackApproved,
    PackProposed,
    PackPublished,
    PackRejected,
    PackWithdrawn,
)

ONE_DAY = timedelta(days=1)


class Publications(State):
    """Everything that was said of the rules of one region.

    `directory` is the one in use, `published_directory` the one that people published
    last, or that the installation began with.
    """

    adopted: InForce | None = None
    directory: str | None = None
    published_directory: str | None = None
    proposals: dict[int, Proposal] = Field(default_factory=dict)
    published: tuple[InForce, ...] = ()

    def evolve(self, event: DomainEvent) -> Self:
        match event:
            case PackAdopted():
                first = InForce(pack=event.pack, version=event.version)
                return self._with(adopted=first)._publishing(event.directory)
            case PackProposed(proposal=number):
                return self._put(number, Proposal(made=event))
            case PackApproved(proposal=number, by=by, person=person):
                new = Approval(by=by, person=person)
                approvals = (*self.proposals[number].approvals, new)
                return self._with_proposal(number, approvals=approvals)
            case PackRejected(proposal=number):
                return self._with_proposal(number, stage=Stage.REJECTED)
            case PackPublished(proposal=number):
                done = self._with_proposal(number, stage=Stage.PUBLISHED)
                return done._with(published=(*self.published, _dated(event)))
            case PackWithdrawn(proposal=number, last_day=day):
                done = self._with_proposal(number, stage=Stage.WITHDRAWN)
                return done._with(published=tuple(self._ending(number, day)))
            case DirectoryPublished(directory=directory):
                return self._publishing(directory)
            case DirectoryFound(directory=directory):
                return self._with(directory=directory)
            case _:
                return self

    # What is in force

    def in_force(self, day: date) -> InForce | None:
        """The one pack of a day. None only before the installation began with one.

        An emergency (紧急变更) goes before; else the one that began last.
        """
        there = [each for each in self.published if each.covers(day)]
        return max(there, key=_rank, default=self.adopted)

    def periods(self, first: date, last: date | None = None) -> Iterator[InForce]:
        """What is in force from a day on, period after period, to `last` or for ever."""
        turns = {first, *self._turns()}
        days = sorted(day for day in turns if first <= day <= (last or day))
        begun = [(day, self.in_force(day)) for day in days]
        changes = [begun[0], *(b for a, b in pairwise(begun) if a[1] != b[1])]
        ends = [*(day - ONE_DAY for day, _ in changes[1:]), last]
        for (day, there), end in zip(changes, ends, strict=True):
            if there:
                yield there.model_copy(update={"since": day, "until": end})

    def calendar(self, *, emergencies: bool = True) -> tuple[InForce, ...]:
        """All periods there ever were and will be; the first has no beginning."""
        there = tuple(e for e in self.published if emergencies or not e.emergency)
        state = self._with(published=there)
        turns = [*state._turns()]
        if not turns:
            return tuple(filter(None, [self.adopted]))
        first, *later = state.periods(min(turns) - ONE_DAY)
        return (first.model_copy(update={"since": None}), *later)

    def packs_from(self, day: date) -> set[str]:
        """The digests of all packs that are in force on that day or later."""
        return {period.pack for period in self.periods(day)}

    def _turns(self) -> Iterator[date]:
        for each in self.published:
            if each.since:
                yield each.since
            if each.until and each.until < date.max:
                yield each.until + ONE_DAY

    # Remembering

    def _publishing(self, directory: str) -> Self:
        return self._with(directory=directory, published_directory=directory)

    def _ending(self, number: int, day: date | None) -> Iterator[InForce]:
        for each in self.published:
            if each.proposal != number:
                yield each
            elif day:
                yield each.model_copy(update={"until": day})

    def _with_proposal(self, number: int, **changes: object) -> Self:
        return self._put(number, self.proposals[number].model_copy(update=changes))

    def _put(self, number: int, proposal: Proposal) -> Self:
        return self._with(proposals={**self.proposals, number: proposal})

    def _with(self, **changes: object) -> Self:
        return self.model_copy(update=changes)


def _dated(event: PackPublished) -> InForce:
    return InForce(
        pack=event.pack,
        version=event.version,
        since=event.valid_from,
        until=event.until,
        emergency=event.emergency,
        proposal=event.proposal,
    )


def _rank(each: InForce) -> tuple[bool, date, int]:
    return each.emergency, each.since or date.min, each.proposal or 0
