"""A model that is ready to be asked: inputs by name in, answers with grounds out.

Pure: no clock, no file. Every decision that the asked one needs is made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.routing.dmn.columns import check
from services.routing.dmn.expressions import Expression, Known, Ref
from services.routing.dmn.extents import Extent
from services.routing.dmn.faults import (
    DmnInputError,
    Fault,
    Place,
    UnreadableError,
    Why,
)
from services.routing.dmn.order import needed
from services.routing.dmn.table import Answer, Evaluation, Seen, Table
from services.routing.dmn.values import Kind, Scalar, fits, kind_of, taken


@dataclass(frozen=True)
class Input:
    """Something to be given by name. Missing is the same as null."""

    id: str
    name: str
    kind: Kind
    allowed: Extent | None = None
    zoned: bool | None = None


@dataclass(frozen=True)
class Formula:
    """A decision that is an expression. `names` are what it may look at."""

    id: str
    name: str
    file: str
    kind: Kind
    expression: Expression
    names: Mapping[str, Ref]

    def evaluate(self, known: Known) -> Evaluation:
        value = self.expression.result(known)
        if value is not None and not fits(value, self.kind):
            facts = {"found": str(kind_of(value)), "expected": str(self.kind)}
            place = Place(self.file, self.name)
            raise DmnInputError(Fault(Why.WRONG_TYPE, place, facts))
        seen = (Seen(name, name, known[ref]) for name, ref in self.names.items())
        return Evaluation(self.id, self.name, value, seen=tuple(seen))


@dataclass(frozen=True)
class Result:
    """The answer to what was asked, and every decision that led there, in order."""

    value: Answer
    made: tuple[Evaluation, ...]

    @property
    def asked(self) -> Evaluation:
        return self.made[-1]


@dataclass(frozen=True)
class Graph:
    """`decisions` by id, in the order in which they are made; `inputs` by name."""

    file: str
    inputs: Mapping[str, Input]
    decisions: Mapping[str, Table | Formula]
    requires: Mapping[str, tuple[str, ...]]
    notes: tuple[Fault, ...] = ()

    def evaluate(self, decision: str, inputs: Mapping[str, object]) -> Result:
        """Makes a decision, by its id or name.

        Raises `DmnInputError` for names and values it cannot take, and
        `DmnConflictError` where rows fired that may not do so together.
        """
        asked = self.decision(decision).id
        known = self._known(inputs)
        steps = needed(asked, self.requires)
        made = [self._make(d, known) for d in self.decisions.values() if d.id in steps]
        return Result(made[-1].value, tuple(made))

    def decision(self, name: str) -> Table | Formula:
        """A decision by id or name. Raises `DmnInputError`."""
        if name in self.decisions:
            return self.decisions[name]
        for one in self.decisions.values():
            if one.name == name:
                return one
        known = [one.name for one in self.decisions.values()]
        raise self._bad(Why.UNKNOWN_DECISION, "", name=name, known=known)

    def _make(
        self, decision: Table | Formula, known: dict[Ref, Scalar | None]
    ) -> Evaluation:
        made = decision.evaluate(known)
        if isinstance(decision, Formula) or len(decision.outputs) == 1:
            if not isinstance(made.value, (tuple, Mapping)):
                known[decision.id, ""] = made.value
        elif not isinstance(made.value, tuple):
            given = made.value if isinstance(made.value, Mapping) else {}
            for output in decision.outputs:
                known[decision.id, output.name] = given.get(output.name)
        return made

    def _known(self, inputs: Mapping[str, object]) -> dict[Ref, Scalar | None]:
        if unknown := [name for name in inputs if name not in self.inputs]:
            known = [*self.inputs]
            raise self._bad(Why.UNKNOWN_INPUT, "", name=unknown, known=known)
        return {
            (one.id, ""): self._taken(one, inputs.get(name))
            for name, one in self.inputs.items()
        }

    def _taken(self, one: Input, given: object) -> Scalar | None:
        if given is None:
            return None
        try:
            value = taken(given)
            check(value, one.kind, one.allowed, one.zoned)
        except UnreadableError as error:
            facts = {"expected": str(one.kind), **error.facts}
            raise self._bad(error.why, one.name, **facts) from None
        return value

    def _bad(self, why: Why, column: str, **facts: object) -> DmnInputError:
        return DmnInputError(Fault(why, Place(self.file, column=column), facts))
