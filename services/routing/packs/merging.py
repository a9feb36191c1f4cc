"""A pack's tables laid over those that it inherits: one model of both. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from services.routing.dmn import Fault, Model, Place
from services.routing.dmn.model import Decision, DecisionTable, InputColumn
from services.routing.dmn.words import one_spaced
from services.routing.packs.faults import PackFault, Wrong
from services.routing.packs.laying import laid

Omitted = Mapping[str, Sequence[str]]


def merged(above: Model, own: Model | None, omit: Omitted, file: str) -> Merged:
    """The model of both, and everything that does not fit what is inherited."""
    merger = _Merger(above, own, omit, file)
    return Merged(merger.model(), tuple(merger.faults))


class Merged(NamedTuple):
    """With `faults` the model is as much as fits, and of no use but to be checked."""

    model: Model
    faults: tuple[Fault, ...] = ()


class _Known(NamedTuple):
    """What the graph knows by a name: the id of its element, and its type."""

    id: str
    type: str


class _Merger:
    def __init__(
        self, above: Model, own: Model | None, omit: Omitted, file: str
    ) -> None:
        self._above, self._omit, self._file = above, omit, file
        self._own = {d.name: d for d in own.decisions} if own else {}
        self._known = _known(above)
        self.faults: list[Fault] = []

    def model(self) -> Model:
        tables = [decision.name for decision in self._above.decisions]
        for name in dict.fromkeys((*self._own, *self._omit)):
            if name not in tables:
                self._add(Wrong.UNKNOWN_TABLE, name, known=tables)
        decisions = tuple(self._decision(one) for one in self._above.decisions)
        return replace(self._above, decisions=decisions, file=self._file, notes=())

    def _decision(self, above: Decision) -> Decision:
        if not isinstance(above.logic, DecisionTable):
            return above
        kept = self._without_omitted(above.name, above.logic)
        if (own := self._own.get(above.name)) is None:
            return replace(above, logic=kept)
        if not isinstance(own.logic, DecisionTable):
            self._add(Wrong.NO_TABLE, above.name)
            return above
        added = self._added(above.name, kept, own.logic)
        table = laid(kept, own.logic, added, self._place(above.name), self.faults)
        needs = (self._known[column.text].id for column in added)
        requires = tuple(dict.fromkeys((*above.requires, *needs)))
        return replace(above, logic=table, requires=requires)

    def _without_omitted(self, name: str, table: DecisionTable) -> DecisionTable:
        omitted = set(self._omit.get(name, ()))
        for row in sorted(omitted - {rule.id for rule in table.rules}):
            self._add(Wrong.UNKNOWN_ROW, name, row)
        rules = tuple(rule for rule in table.rules if rule.id not in omitted)
        return replace(table, rules=rules)

    def _added(
        self, name: str, above: DecisionTable, own: DecisionTable
    ) -> tuple[InputColumn, ...]:
        """The columns that are new to the table, as far as the graph knows them."""
        before = {one_spaced(column.text) for column in above.inputs}
        found = []
        for column in own.inputs:
            text = one_spaced(column.text)
            if text in before:
                continue
            if known := self._known.get(text):
                found.append(
                    InputColumn(text, known.type, column.label, id=f"{name}.in.{text}")
                )
            else:
                self._unknown(name, text)
        return tuple(found)

    def _unknown(self, table: str, column: str) -> None:
        place = self._place(table)._replace(column=column)
        facts = {"known": sorted(self._known)}
        self.faults.append(PackFault(Wrong.UNKNOWN_COLUMN, place, facts))

    def _place(self, table: str, row: str = "") -> Place:
        return Place(self._file, table, row)

    def _add(self, why: Wrong, table: str, row: str = "", **facts: object) -> None:
        self.faults.append(PackFault(why, self._place(table, row), facts))


def _known(model: Model) -> dict[str, _Known]:
    """What columns may ask for, by the text of their expression."""
    known = {
        one_spaced(i.variable or i.name): _Known(i.id, i.type) for i in model.inputs
    }
    for decision in model.decisions:
        table = decision.logic
        if isinstance(table, DecisionTable) and len(table.outputs) > 1:
            for output in table.outputs:
                text = f"{decision.name}.{output.name}"
                known[text] = _Known(decision.id, output.type)
        else:
            known[decision.name] = _Known(decision.id, decision.type)
    return known
