"""Which names the expressions of a decision may use, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from services.routing.dmn.expressions import Meant, Scope
from services.routing.dmn.faults import Fault, Faults, Place, UnreadableError, Why
from services.routing.dmn.graph import Formula, Input
from services.routing.dmn.kinds import Typed, Types
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    InputColumn,
    InputData,
    Model,
)
from services.routing.dmn.scanning import KEYWORDS, one_spaced
from services.routing.dmn.table import Table

_PLAIN_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")
_NAME_START = re.compile(r"[^\W\d]")
Made = Mapping[str, Table | Formula]
Inputs = Mapping[str, tuple[str, Meant]]


def given_inputs(
    model: Model, types: Types, faults: Faults, notes: list[Fault]
) -> tuple[dict[str, Input], dict[str, tuple[str, Meant]]]:
    """The inputs of a model, and what their names mean, both by id.

    A model that declares none, as editors of single tables write them, declares what
    its input columns name. Where a name has no type, whoever uses it is told so.
    """
    declared = model.inputs or _undeclared(model, notes)
    found, meant = {}, {}
    for given in declared:
        name = one_spaced(given.variable or given.name)
        meant[given.id] = name, Meant((given.id, ""), None, Why.NO_TYPE)
        with faults.at(Place(model.file, column=name)):
            one = found[given.id] = _input(given, name, model, types)
            meant[given.id] = name, Meant((given.id, ""), one.kind)
    return found, meant


def _input(given: InputData, name: str, model: Model, types: Types) -> Input:
    _check_name(name)
    typed = _type_of(given, model, types)
    if typed.kind is None:
        raise UnreadableError(Why.NO_TYPE)
    return Input(given.id, name, typed.kind, typed.allowed, typed.zoned)


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


def _undeclared(model: Model, notes: list[Fault]) -> tuple[InputData, ...]:
    decided = {n for d in model.decisions for n in (d.name, d.variable, d.id) if n}
    found: dict[str, InputData] = {}
    for name, _ in _columns(model):
        if _is_plain(name) and name not in decided and name not in found:
            found[name] = InputData(name, name)
            facts = {"name": name}
            notes.append(Fault(Why.NOTE_UNDECLARED, Place(model.file), facts))
    return tuple(found.values())


def _columns(model: Model) -> Iterator[tuple[str, InputColumn]]:
    """Every input column of a model with the text of its expression."""
    for decision in model.decisions:
        if isinstance(decision.logic, DecisionTable):
            for column in decision.logic.inputs:
                yield one_spaced(column.text), column


def _type_of(given: InputData, model: Model, types: Types) -> Typed:
    """Its own type; else that of the columns that ask for just this input."""
    if (own := types.meant(given.type)).kind is not None:
        return own
    name = one_spaced(given.variable or given.name)
    texts = {column.type for text, column in _columns(model) if text == name}
    kinds = {kind for text in texts if (kind := types.meant(text).kind)}
    if len(kinds) > 1:
        raise UnreadableError(Why.TYPES_DIFFER, kinds=sorted(kinds))
    return Typed(next(iter(kinds), None))


def _is_plain(name: str) -> bool:
    words = name.split()
    return bool(_PLAIN_NAME.fullmatch(name)) and KEYWORDS.isdisjoint(words)


def _check_name(name: str) -> None:
    if not name:
        raise UnreadableError(Why.NO_NAME)
    if not _NAME_START.match(name) or name in KEYWORDS:
        raise UnreadableError(Why.BAD_NAME, name=name)
