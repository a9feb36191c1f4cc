"""Tables that do not compile, as far as their outputs can be read. Pure.

What is wrong with their answers is then told together with what kept them from
compiling. They have no conditions and can be asked nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.dmn import Model, Place, Row, Table
from services.routing.dmn.columns import Output
from services.routing.dmn.expressions import Expression
from services.routing.dmn.faults import UnreadableError
from services.routing.dmn.model import Decision, DecisionTable, OutputColumn, Rule
from services.routing.dmn.parsing import expression
from services.routing.dmn.values import Kind
from services.routing.dmn.words import one_spaced


def as_read(model: Model) -> Iterator[Table]:
    """Its tables. A row whose cells cannot be read or told apart has no entries."""
    for decision in model.decisions:
        if isinstance(decision.logic, DecisionTable):
            yield _table(decision, decision.logic, Place(model.file))


def _table(decision: Decision, table: DecisionTable, place: Place) -> Table:
    rules = enumerate(table.rules, 1)
    return Table(
        decision.id,
        decision.name,
        place.file,
        table.policy,
        table.aggregation,
        (),
        tuple(_output(*one) for one in enumerate(table.outputs, 1)),
        tuple(_row(number, rule, table) for number, rule in rules),
        table.annotations,
        None,
    )


def _output(number: int, column: OutputColumn) -> Output:
    name = one_spaced(column.name)
    label = column.label or column.name or str(number)
    return Output(name, label, Kind.STRING, None, None, None)


def _row(number: int, rule: Rule, table: DecisionTable) -> Row:
    told = dict(zip(table.annotations, rule.annotations, strict=False))
    names = {one_spaced(column.name) for column in table.outputs}
    is_whole = len(rule.outputs) == len(table.outputs) == len(names)
    entries = _entries(rule) if is_whole else ()
    return Row(number, rule.id, (), entries, told, rule.description)


def _entries(rule: Rule) -> tuple[Expression, ...]:
    try:
        return tuple(expression(text, {}) for text in rule.outputs)
    except UnreadableError:
        return ()
