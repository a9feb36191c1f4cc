"""Explanations of the decisions that routing has stored, and why not otherwise.

Only reads. A decision is explained with the pack it was made with, if that is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.routing.directory import Directory
from services.routing.explaining.beside import beside
from services.routing.explaining.entailed import Linked
from services.routing.explaining.entailing import linked
from services.routing.explaining.grounds import explanation
from services.routing.explaining.hands import FindHands, hands
from services.routing.explaining.values import Beside, Explanation, WhyNot
from services.routing.explaining.versions import Versions
from services.routing.explaining.why_not import Ground, why_not
from services.routing.explaining.words import Words
from shared.bodies import BodyKind
from shared.events.base import Recorded
from shared.events.errors import NotHeardYetError, RefusedError, UnknownDisputeError
from shared.events.routing import Routed
from shared.events.store import Service
from shared.events.vocabulary import disputes_of, is_dispute_code
from shared.region import Region


class Decided(NamedTuple):
    """A decision on a dispute and the moment it was asked for."""

    dispute: UUID
    routed: Routed
    at: datetime


def nobody(_: UUID) -> Iterable[Recorded]:
    """Where no service is at hand in which people decide."""
    return ()


class Explanations:
    """What routing can tell of its own decisions, and of what people did about them."""

    def __init__(
        self,
        service: Service,
        region: Region,
        versions: Versions,
        find_hands: FindHands = nobody,
    ) -> None:
        self._service, self._region, self._versions = service, region, versions
        self._find_hands = find_hands

    def decisions(self, code: str) -> tuple[Explanation, ...]:
        """Every decision on a dispute, explained, the first one first."""
        return tuple(self._explained(code, one) for one in self._decided(code))

    def decision(self, code: str, request: int | None = None) -> Explanation:
        """One decision, the last one if none is named."""
        return self._explained(code, self._one(code, request))

    def why_not(self, code: str, target: str, request: int | None = None) -> WhyNot:
        """Why not that body, or that kind of body. Raises `RefusedError`."""
        _, routed, at = self._one(code, request)
        return self.why_not_of(code, routed, at, target)

    def beside(self, routed: Routed, at: datetime) -> Beside:
        """What the record of a decision does not tell; nothing if its pack is gone."""
        decider = self._versions.decider(routed.versions.get("table", ""))
        if decider is None:
            return Beside()
        words = Words(self._region, decider.pack)
        region = self._versions.region(routed.versions)
        return beside(routed, at, decider, region, words)

    def why_not_of(
        self, code: str, routed: Routed, at: datetime, target: str
    ) -> WhyNot:
        """The same of a decision that is at hand. Raises `RefusedError`."""
        decider = self._versions.decider(routed.versions["table"])
        if decider is None:
            raise RefusedError(
                "rules-gone",
                "the pack of this decision is not at hand; it can be told only why",
                version=routed.versions["table"],
            )
        then = self._versions.directory(routed.versions, decider)
        directory = then or Directory.of(self._region, decider.pack.head)
        self._must_exist(target, directory)
        ground = Ground(decider, directory, then is None)
        return why_not(code.upper(), routed, at, target, ground)

    def _explained(self, code: str, decided: Decided) -> Explanation:
        dispute, routed, at = decided
        decider = self._versions.decider(routed.versions["table"])
        words = Words(self._region, decider.pack if decider else None)
        told = explanation(code.upper(), routed, at, words, decider)
        by_hand = hands(self._find_hands(dispute), routed.request, words)
        linkage = self._linked(routed, words)
        return told.model_copy(update={"by_hand": by_hand, "linkage": linkage})

    def _linked(self, routed: Routed, words: Words) -> Linked | None:
        """None if the pack or the directory of then is gone."""
        region = self._versions.region(routed.versions)
        if words.pack is None or region is None:
            return None
        return linked(routed, words.pack, region, words)

    def _one(self, code: str, request: int | None) -> Decided:
        decided = self._decided(code)
        if request is None:
            return decided[-1]
        for one in decided:
            if one.routed.request == request:
                return one
        raise RefusedError(
            "no-such-decision",
            f"there is no routing decision {request} on this dispute",
            request=request,
            known=[one.routed.request for one in decided],
        )

    def _decided(self, code: str) -> list[Decided]:
        """The decisions in their order.

        Raises `NotHeardYetError` or `UnknownDisputeError`.
        """
        found = [
            Decided(dispute, each.event, each.occurred_at)
            for dispute in self._disputes(code)
            for each in self._history(dispute)
            if isinstance(each.event, Routed)
        ]
        if found:
            return found
        known = is_dispute_code(code)
        raise NotHeardYetError(code) if known else UnknownDisputeError(code)

    def _history(self, dispute: UUID) -> list[Recorded]:
        return self._service.history(dispute)

    def _disputes(self, code: str) -> list[UUID]:
        if not is_dispute_code(code):
            return []
        query = self._service.sql(
            "SELECT DISTINCT originator_id FROM {schema}.{events}"
            " WHERE originator_id BETWEEN %s AND %s"
        )
        found = self._service.database.read(query, [*disputes_of(code)])
        return [UUID(str(dispute)) for (dispute,) in found]

    def knows(self, target: str) -> bool:
        """Whether there is such a body, or kind of body, by now."""
        return _is_there(target, self._region)

    def _must_exist(self, target: str, directory: Directory) -> None:
        if not _is_there(target, directory.region):
            raise RefusedError(
                "unknown-body",
                "the directory has no body, and there is no kind of body, of that name",
                field="body",
                body=target,
            )


def _is_there(target: str, region: Region) -> bool:
    return target in region.bodies or target in set(BodyKind)
