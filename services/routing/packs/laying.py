"""One table laid over another of the same name. Pure.

A row whose id the lower table has replaces it where it stands; the others go first, in
their order, because what is special comes first. Columns are matched by expression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.routing.dmn import Fault, Place, Why
from services.routing.dmn.model import DecisionTable, InputColumn, Rule, hit_cell
from services.routing.dmn.words import one_spaced
from services.routing.packs.faults import PackFault, Wrong

_ANY = "-"


def laid(
    below: DecisionTable,
    own: DecisionTable,
    added: Sequence[InputColumn],
    place: Place,
    faults: list[Fault],
) -> DecisionTable:
    """`added` are the columns that `below` does not have. Faults go to `faults`."""
    widened = _widened(below, added)
    layer = _Layer(widened, own, place, faults)
    layer.check()
    mine = {rule.id or n: rule for n, rule in enumerate(layer.rules())}
    kept = [mine.pop(rule.id, rule) for rule in widened.rules]
    return replace(widened, rules=(*mine.values(), *kept))


def _widened(table: DecisionTable, added: Sequence[InputColumn]) -> DecisionTable:
    rules = (replace(r, tests=(*r.tests, *[_ANY] * len(added))) for r in table.rules)
    return replace(table, inputs=(*table.inputs, *added), rules=tuple(rules))


class _Layer:
    """The rows of a table, with the columns of the one that it is laid over."""

    def __init__(
        self,
        below: DecisionTable,
        own: DecisionTable,
        place: Place,
        faults: list[Fault],
    ) -> None:
        self._below, self._own = below, own
        self._place, self._faults = place, faults
        self._tests = [one_spaced(column.text) for column in own.inputs]
        self._outputs = [one_spaced(column.name) for column in own.outputs]

    def check(self) -> None:
        """Its columns must be once there, and its outputs those of the lower table."""
        self._check_policy()
        wanted = [one_spaced(column.name) for column in self._below.outputs]
        if len(wanted) == 1 and len(self._outputs) == 1:
            self._outputs = wanted
        for name in sorted(set(wanted) - set(self._outputs)):
            self._add(Wrong.MISSING_OUTPUT, name, known=wanted)
        for name in sorted(set(self._outputs) - set(wanted)):
            self._add(Wrong.UNKNOWN_OUTPUT, name, known=wanted)
        for name in sorted(set(self._below.annotations) - set(self._own.annotations)):
            self._add(Wrong.MISSING_ANNOTATION, name, known=self._below.annotations)
        for name in {n for n in self._tests if self._tests.count(n) > 1}:
            self._add(Wrong.DOUBLE_COLUMN, name)

    def _check_policy(self) -> None:
        above = hit_cell(self._below.policy, self._below.aggregation)
        found = hit_cell(self._own.policy, self._own.aggregation)
        if found != above:
            self._add(Wrong.OTHER_POLICY, "", found=found, above=above)

    def rules(self) -> list[Rule]:
        self._check_ids()
        found = []
        for number, rule in enumerate(self._own.rules, 1):
            if self._is_whole(rule):
                found.append(self._laid(rule))
            else:
                self._add_at(number, rule, PackFault, Wrong.ENTRY_COUNT)
        return found

    def _check_ids(self) -> None:
        """Every row has one, and none the one of another, or that would be lost."""
        taken: set[str] = set()
        for number, rule in enumerate(self._own.rules, 1):
            if not rule.id:
                self._add_at(number, rule, PackFault, Wrong.NO_ROW_ID)
            elif rule.id in taken:
                self._add_at(number, rule, Fault, Why.DUPLICATE_ID, name=rule.id)
            taken.add(rule.id)

    def _is_whole(self, rule: Rule) -> bool:
        return (len(rule.tests), len(rule.outputs), len(rule.annotations)) == (
            len(self._tests),
            len(self._outputs),
            len(self._own.annotations),
        )

    def _laid(self, rule: Rule) -> Rule:
        tests = dict(zip(self._tests, rule.tests, strict=True))
        outputs = dict(zip(self._outputs, rule.outputs, strict=True))
        told = dict(zip(self._own.annotations, rule.annotations, strict=True))
        columns = (one_spaced(column.text) for column in self._below.inputs)
        names = (one_spaced(column.name) for column in self._below.outputs)
        return replace(
            rule,
            tests=tuple(tests.get(column, _ANY) for column in columns),
            outputs=tuple(outputs.get(name, "") for name in names),
            annotations=tuple(told.get(name, "") for name in self._below.annotations),
        )

    def _add(self, why: Wrong, column: str, **facts: object) -> None:
        place = self._place._replace(column=column)
        self._faults.append(PackFault(why, place, facts))

    def _add_at(
        self, number: int, rule: Rule, kind: type[Fault], why: str, **facts: object
    ) -> None:
        row = f"{number} ({rule.id})" if rule.id else str(number)
        self._faults.append(kind(why, self._place._replace(row=row), facts))
