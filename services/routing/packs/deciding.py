"""A pack as a `Decider`: questions in, decisions out. Pure.

The tables are asked by their indexes alone and what each row answers was read before,
because this is done for every dispute; `explain` asks the graph itself and tells all.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

from services.routing.decider import Decision, Nobody, Question
from services.routing.dmn import Evaluation
from services.routing.packs.fast import Asked, FastGraph, FastRow
from services.routing.packs.outcomes import (
    Lead,
    Limits,
    Meant,
    Rated,
    Terms,
    Way,
    Without,
)
from services.routing.packs.pack import Pack
from services.routing.packs.questions import inputs_of
from shared.events.base import Value
from shared.events.clocks import ClockTerms
from shared.events.routing import Action, FiredRow
from shared.events.vocabulary import Tier

Outcome = TypeVar("Outcome", bound=Value)

ANSWER, DESIGNATION = "answer", "designation"
_NOT_HANDED_ON = (Action.STAY, Action.LAW)
_ALWAYS = ("severity", "way", "nobody")
_HANDED_ON = ("terms", "lead", "clocks")


class PackDecider:
    """Answers every question by the tables of one pack."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._graph = FastGraph(pack.graph)
        self._nobodies: dict[str, Nobody] = {}
        self._terms: dict[tuple[str, str], ClockTerms] = {}

    @property
    def version(self) -> str:
        return self.pack.version

    def inputs(self, question: Question) -> dict[str, object]:
        """What the tables are asked with. A category that the pack does not know is null."""
        inputs = inputs_of(question)
        if question.facts.kind not in self.pack.kinds:
            inputs["kind"] = None
        return inputs

    def decide(self, question: Question) -> Decision:
        asked = self._graph.asked(self.inputs(question))
        severity, way = asked.row("severity"), asked.row("way")
        then = _as(Way, way)
        rows = (severity.fired, way.fired)
        told = {
            "action": then.action,
            "severity": _as(Rated, severity).severity,
            "nobody": self._nobody(asked.row("nobody")),
        }
        if then.action in _NOT_HANDED_ON:
            return Decision(**told, routes=then.routes, rows=rows)
        more = self._handed_on(asked, then, question.tier, rows)
        return Decision(**told, **more)

    def explain(self, question: Question) -> tuple[Evaluation, ...]:
        """Every decision that was made, in order, each with its grounds."""
        graph, inputs = self.pack.graph, self.inputs(question)
        way = self._graph.asked(inputs).row("way")
        handed_on = _as(Way, way).action not in _NOT_HANDED_ON
        wanted = (*_ALWAYS, *(_HANDED_ON if handed_on else ()))
        made = {
            one.decision: one
            for name in wanted
            for one in graph.evaluate(name, inputs).made
        }
        return tuple(made[id] for id in graph.decisions if id in made)

    def _handed_on(
        self, asked: Asked, way: Way, reached: Tier | None, rows: tuple[FiredRow, ...]
    ) -> dict[str, Any]:
        terms, lead, clocks = (asked.row(name) for name in _HANDED_ON)
        found, limits = _as(Lead, lead), _as(Limits, clocks).clocks
        return {
            "handoff": _as(Meant, asked.row("handoff")).handoff,
            "from_tier": way.from_tier(reached),
            "to_sender": way.to_sender,
            "bodies": found.bodies,
            "co_handlers": found.co_handlers,
            "designators": way.designators,
            "may_decline": _as(Terms, terms).may_decline,
            "answer": self._clock(_as(Terms, terms).answer, ANSWER),
            "clocks": tuple(self._clock(id) for id in limits),
            "rows": (
                *rows,
                terms.fired,
                *([] if way.to_sender else [lead.fired]),
                clocks.fired,
            ),
        }

    def _nobody(self, row: FastRow) -> Nobody:
        if row.fired.row not in self._nobodies:
            then = _as(Without, row)
            self._nobodies[row.fired.row] = Nobody(
                designators=then.designators,
                routes=then.routes,
                answer=self._clock(then.answer, DESIGNATION),
                row=row.fired,
            )
        return self._nobodies[row.fired.row]

    def _clock(self, id: str, name: str = "") -> ClockTerms:
        if (id, name) not in self._terms:
            self._terms[id, name] = self.pack.clocks[id].terms(name)
        return self._terms[id, name]


def _as(shape: type[Outcome], row: FastRow) -> Outcome:
    """What the row of a table answers; every table has answers of one shape."""
    return cast(Outcome, row.outcome)
