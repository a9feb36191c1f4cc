"""Why none of the bodies that a row names will do, and what would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from services.routing.decider import is_below
from services.routing.explaining.values import Text
from services.routing.explaining.words import Words, listed
from services.routing.proof.against import Against
from services.routing.proof.troubles import Trouble, Troubled
from services.routing.proof.wording import kinds_of_bodies, say
from shared.bodies import Body
from shared.body_kinds import BodyKind
from shared.events.routing import Action
from shared.events.vocabulary import Tier

MOST_NAMED = 3
"""So many bodies are named; of more, their number is told."""


class Remedies:
    """What is said of one trouble beside its example."""

    def __init__(self, words: Words, found: Troubled) -> None:
        self._words, self._found = words, found
        self._designates = found.trouble is Trouble.NO_DESIGNATOR
        self._there = found.future.alike.bodies
        self._step = found.steps[-1]

    @property
    def row(self) -> str:
        """The row that names the bodies."""
        return dict(self._step.found.answer.rows).get(self._table, "—")

    @property
    def lowest(self) -> Tier | None:
        """The tier below which none is asked."""
        return self._step.found.answer.way.from_tier(self._step.here.reached)

    def why(self) -> Text:
        """For each body that the row names: that it is not there, or what is against it."""
        return listed(self._why(), "semicolon")

    def advice(self) -> Text:
        """What would do instead."""
        return listed(self._advice(), "semicolon")

    @property
    def _table(self) -> str:
        """The table that names the bodies."""
        if not self._designates:
            return "lead"
        designating = self._step.found.answer.way.action is Action.DESIGNATE
        return "way" if designating else "nobody"

    @property
    def _wanted(self) -> tuple[BodyKind, ...]:
        answer = self._step.found.answer
        return {
            "way": answer.way.designators,
            "nobody": answer.designators,
            "lead": answer.bodies,
        }[self._table]

    def _why(self) -> Iterator[Text]:
        kinds = {body.kind for body in self._there}
        if absent := [kind for kind in self._wanted if kind not in kinds]:
            yield say("against.absent", kinds=kinds_of_bodies(absent))
        for reason, bodies in self._grouped().items():
            yield say(f"against.{reason}", bodies=self._named(bodies))

    def _advice(self) -> Iterator[Text]:
        do = "designators" if self._designates else "bodies"
        kinds = [*dict.fromkeys(self._instead())]
        if kinds:
            yield say(f"advice.{do}", kinds=kinds_of_bodies(kinds))
        else:
            yield say(f"advice.no-{do}")
        grouped = self._grouped()
        if hand_on := [b for b in grouped.get(Against.HOLDS, ()) if b.dispatcher]:
            yield say("advice.holds", bodies=self._named(hand_on))
        if Against.CLOSED in grouped:
            yield say("advice.closed")

    def _grouped(self) -> Mapping[Against, Sequence[Body]]:
        """The bodies of the row that are there, by what is against them."""
        found: defaultdict[Against, list[Body]] = defaultdict(list)
        for body in self._there:
            reason = self._against(body)
            if reason and body.kind in self._wanted:
                found[reason].append(body)
        return found

    def _instead(self) -> Iterator[BodyKind]:
        """Kinds of body that are there and nothing is against."""
        for body in self._there:
            fits = self._designates or self._settles(body)
            if fits and not self._against(body):
                yield body.kind

    def _settles(self, body: Body) -> bool:
        """Whether it mediates, or hands the dispute on and there is one that does."""
        if not body.dispatcher:
            return body.mediates
        others = (one for one in self._there if one.mediates and not one.dispatcher)
        return not all(self._never(one) for one in others)

    def _against(self, body: Body) -> Against | None:
        """Why it does not count, as the search has it (`Bodies`)."""
        if reason := self._never(body):
            return reason
        if self._designates:
            return None if body.public else Against.NOT_PUBLIC
        if is_below(body.tier, self.lowest):
            return Against.TOO_LOW
        bodies = self._found.bodies
        left_out = bodies.left_out(self._step.here, self._found.sender)
        if body.id in left_out:
            return left_out[body.id]
        return None if bodies.is_open(body) else Against.CLOSED

    def _never(self, body: Body) -> Against | None:
        """Why it serves no such dispute, whoever holds it and at any hour."""
        if not body.is_for(self._found.bodies.spot.kind or ""):
            return Against.OTHER_KINDS
        return Against.MEMBERS if body.chambers else None

    def _named(self, bodies: Sequence[Body]) -> Text:
        named = listed(self._words.body(body.id) for body in bodies[:MOST_NAMED])
        more = len(bodies) > MOST_NAMED
        return say("and-more", bodies=named, all=len(bodies)) if more else named
