"""From a model as it is written to a graph that can be asked: everything is checked.

All that is wrong is told at once. Nothing is compiled by halves.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from services.routing.dmn.expressions import Scope
from services.routing.dmn.faults import Fault, Faults, Place, UnreadableError, Why
from services.routing.dmn.graph import Formula, Graph, Input
from services.routing.dmn.inputs import given_inputs
from services.routing.dmn.kinds import Types, agree
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    LiteralExpression,
    Model,
)
from services.routing.dmn.order import in_order
from services.routing.dmn.parsing import expression
from services.routing.dmn.scopes import implied, refs, scope_of
from services.routing.dmn.table import Table
from services.routing.dmn.table_compiling import Demands, TableReader
from services.routing.dmn.words import one_spaced

_ID = re.compile(r"[^\s#]+")


def compile_model(model: Model, demands: Demands | None = None) -> Graph:
    """Raises `DmnRefusedError` with everything that is wrong."""
    faults = Faults()
    _check_ids(model, faults)
    compiler = _Compiler(model, demands or Demands(), faults)
    graph = compiler.graph()
    faults.stop()
    return graph


class _Compiler:
    def __init__(self, model: Model, demands: Demands, faults: Faults) -> None:
        self._model, self._demands, self._faults = model, demands, faults
        self._notes: list[Fault] = [*model.notes]
        self._types = Types(model.types, model.file, faults, _parted(model))
        self._made: dict[str, Table | Formula] = {}
        self._failed: set[str] = set()  # what needs these is not looked at
        self._requires: dict[str, tuple[str, ...]] = {}

    def graph(self) -> Graph:
        self._inputs, self._meant = given_inputs(
            self._model, self._types, self._faults, self._notes
        )
        _check_names(self._model, self._inputs, self._faults)
        for decision in in_order(self._model, self._faults):
            if not self._failed.intersection(decision.requires):
                self._decision(decision)
            if decision.id not in self._made:
                self._failed.add(decision.id)
        by_name = {one.name: one for one in self._inputs.values()}
        file, notes = self._model.file, tuple(self._notes)
        return Graph(file, by_name, self._made, self._requires, notes)

    def _decision(self, decision: Decision) -> None:
        place = Place(self._model.file, decision.name)
        requires = implied(self._model, decision, self._meant)
        self._requires[decision.id] = tuple(r for r in requires if r in self._made)
        with self._faults.at(place):
            names = {d.id: _names(d) for d in self._model.decisions}
            scope = scope_of(requires, self._meant, self._made, names)
            made = self._logic(decision, place, scope)
            if made is not None:
                self._made[decision.id] = made

    def _logic(
        self, decision: Decision, place: Place, scope: Scope
    ) -> Table | Formula | None:
        if isinstance(decision.logic, LiteralExpression):
            return self._formula(decision, decision.logic, scope)
        reader = TableReader(
            decision, decision.logic, place, self._types, scope, self._faults
        )
        table = reader.read(self._demands)
        if table is not None:
            self._check_type(decision, table)
        return table

    def _check_type(self, decision: Decision, table: Table) -> None:
        """The type of a single result; lists and several outputs have no simple one."""
        if table.is_listed or len(table.outputs) > 1 or not decision.type:
            return
        expected = self._types.meant(decision.type).kind
        if not agree(table.kind, expected):
            found = str(table.kind)
            raise UnreadableError(Why.WRONG_TYPE, found=found, expected=str(expected))

    def _formula(
        self, decision: Decision, logic: LiteralExpression, scope: Scope
    ) -> Formula:
        found = expression(logic.text, scope)
        typed = self._types.meant(logic.type or decision.type)
        if not agree(found.kind, typed.kind):
            shown, expected = str(found.kind), str(typed.kind)
            raise UnreadableError(Why.WRONG_TYPE, found=shown, expected=expected)
        if (kind := typed.kind or found.kind) is None:
            raise UnreadableError(Why.NO_TYPE)
        file = self._model.file
        return Formula(decision.id, decision.name, file, kind, found, refs(scope))


def _parted(model: Model) -> Iterator[str]:
    """The names of the types that were left out: structures and lists."""
    for note in model.notes:
        if note.facts.get("element") == "itemDefinition":
            yield str(note.facts["name"])


def _names(decision: Decision) -> tuple[str, ...]:
    """The names by which others use a decision."""
    found = (one_spaced(decision.variable), one_spaced(decision.name))
    return tuple(dict.fromkeys(name for name in found if name))


def _check_ids(model: Model, faults: Faults) -> None:
    counted = Counter(id_ for id_ in _ids(model) if id_)
    for own, times in counted.items():
        if times > 1:
            faults.add(Why.DUPLICATE_ID, Place(model.file), name=own)
        if not _ID.fullmatch(own):
            faults.add(Why.BAD_ID, Place(model.file), name=own)


def _ids(model: Model) -> Iterator[str]:
    yield from (one.id for one in model.types)
    yield from (one.id for one in model.inputs)
    for decision in model.decisions:
        yield from (decision.id, decision.logic.id)
        if isinstance(decision.logic, DecisionTable):
            yield from (one.id for one in decision.logic.inputs)
            yield from (one.id for one in decision.logic.outputs)
            yield from (one.id for one in decision.logic.rules)


def _check_names(model: Model, inputs: dict[str, Input], faults: Faults) -> None:
    place = Place(model.file)
    decided = [one_spaced(decision.name) for decision in model.decisions]
    for name, times in Counter([*decided, *(i.name for i in inputs.values())]).items():
        if not name:
            faults.add(Why.NO_NAME, place)
        elif times > 1:
            faults.add(Why.DUPLICATE_NAME, place, name=name)
