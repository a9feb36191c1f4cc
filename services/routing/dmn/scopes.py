"""Which names the expressions of a decision may use, and what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.routing.dmn.expressions import Meant, Scope
from services.routing.dmn.faults import UnreadableError, Why
from services.routing.dmn.graph import Formula
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    Model,
)
from services.routing.dmn.table import Table
from services.routing.dmn.words import one_spaced

Made = Mapping[str, Table | Formula]
Inputs = Mapping[str, tuple[str, Meant]]


def implied(model: Model, decision: Decision, inputs: Inputs) -> tuple[str, ...]:
    """What a decision requires; in a model without declared inputs also its columns."""
    if model.inputs or not isinstance(decision.logic, DecisionTable):
        return decision.requires
    names = (one_spaced(column.text) for column in decision.logic.inputs)
    return (*decision.requires, *(name for name in names if name in inputs))


def scope_of(
    requires: tuple[str, ...],
    inputs: Inputs,
    made: Made,
    names: Mapping[str, tuple[str, ...]],
) -> dict[str, Meant]:
    """The names that a decision may use. `names` are those of each decision by id.

    Raises `UnreadableError` if one name would mean two things.
    """
    scope: dict[str, Meant] = {}
    for target in dict.fromkeys(requires):
        for name, meant in _names(target, inputs, made, names):
            if scope.setdefault(name, meant) != meant:
                raise UnreadableError(Why.DUPLICATE_NAME, name=name)
    return scope


def refs(scope: Scope) -> dict[str, tuple[str, str]]:
    return {name: meant.ref for name, meant in scope.items() if meant.kind}


def _names(
    target: str,
    inputs: Inputs,
    made: Made,
    names: Mapping[str, tuple[str, ...]],
) -> Iterator[tuple[str, Meant]]:
    if given := inputs.get(target):
        yield given
        return
    if (decision := made.get(target)) is None:
        return
    for name in names[target]:
        yield name, _whole(decision)
        if isinstance(decision, Table) and not decision.is_listed:
            for output in decision.outputs:
                ref = (target, output.name if len(decision.outputs) > 1 else "")
                if output.name and len(decision.outputs) > 1:
                    yield f"{name}.{output.name}", Meant(ref, output.kind)


def _whole(decision: Table | Formula) -> Meant:
    ref = (decision.id, "")
    if isinstance(decision, Formula):
        return Meant(ref, decision.kind)
    if decision.is_listed:
        return Meant(ref, None)
    if len(decision.outputs) > 1:
        return Meant(ref, None, Why.SEVERAL_OUTPUTS)
    return Meant(ref, decision.kind)
