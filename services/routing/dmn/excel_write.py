"""A `Model` as a workbook: a sheet per decision table, and one for the model itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.routing.dmn.excel import Field, Head, Item, Part
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    Model,
    hit_cell,
)
from services.routing.dmn.workbook import Sheet
from services.routing.dmn.workbook_write import Page, write_workbook

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME = 31
Rows = Iterator[list[str]]


def write_xlsx(model: Model) -> bytes:
    """The workbook. Reading it gives the same model again."""
    sheets = _sheet_names(model)
    pages = [
        _page(d.name, d.logic, sheets[d.id])
        for d in model.decisions
        if isinstance(d.logic, DecisionTable)
    ]
    return write_workbook([*pages, _model_page(model, sheets)])


def _sheet_names(model: Model) -> dict[str, str]:
    """A sheet for every decision table, by the decision's id."""
    taken = {Item.MODEL.lower()}
    found = {}
    for decision in model.decisions:
        if isinstance(decision.logic, DecisionTable):
            found[decision.id] = name = _free_name(decision.name, taken)
            taken.add(name.lower())
    return found


def _free_name(name: str, taken: set[str]) -> str:
    plain = _NOT_IN_NAMES.sub(" ", name).strip() or "-"
    number, free = 1, plain[:_LONGEST_NAME]
    while free.lower() in taken:
        number += 1
        end = f" {number}"
        free = plain[: _LONGEST_NAME - len(end)] + end
    return free


def _page(decision: str, table: DecisionTable, sheet: str) -> Page:
    heads = [*_heads(table)]
    rows = [_captions(decision, table), *heads, *_rules(table)]
    return Page(Sheet(sheet, rows), 1 + len(heads))


def _captions(decision: str, table: DecisionTable) -> list[str]:
    parts = [
        *(Part.INPUT for _ in table.inputs),
        *(Part.OUTPUT for _ in table.outputs),
        *(Part.ANNOTATION for _ in table.annotations),
        Part.DESCRIPTION,
        Part.ID,
    ]
    return [decision, *parts]


def _heads(table: DecisionTable) -> Rows:
    ins, outs = table.inputs, table.outputs
    none = [""] * len(ins)
    yield [
        hit_cell(table.policy, table.aggregation),
        *(one.text for one in ins),
        *(one.name for one in outs),
        *table.annotations,
    ]
    yield [Head.TYPE, *(one.type for one in ins), *(one.type for one in outs)]
    for head, cells in (
        (Head.ALLOWED, [*(one.allowed for one in ins), *(one.allowed for one in outs)]),
        (Head.DEFAULT, [*none, *(one.default for one in outs)]),
        (Head.LABEL, [*(one.label for one in ins), *(one.label for one in outs)]),
        (Head.ID, [*(one.id for one in ins), *(one.id for one in outs)]),
    ):
        if any(cells):
            yield [head, *cells]


def _rules(table: DecisionTable) -> Rows:
    for number, rule in enumerate(table.rules, 1):
        cells = [*rule.tests, *rule.outputs, *rule.annotations]
        yield [str(number), *cells, rule.description, rule.id]


def _model_page(model: Model, sheets: dict[str, str]) -> Page:
    rows = [[*map(str, Field)], *_items(model, sheets)]
    return Page(Sheet(Item.MODEL, rows), 1)


def _items(model: Model, sheets: dict[str, str]) -> Rows:
    yield _item(
        Item.MODEL,
        id=model.id,
        name=model.name,
        type=model.version,
        text=model.namespace,
    )
    for one in model.types:
        yield _item(
            Item.TYPE, id=one.id, name=one.name, type=one.base, allowed=one.allowed
        )
    for given in model.inputs:
        yield _item(
            Item.INPUT,
            id=given.id,
            name=given.name,
            type=given.type,
            variable=given.variable,
        )
    for decision in model.decisions:
        yield _decision(decision, sheets.get(decision.id, ""))


def _decision(found: Decision, sheet: str) -> list[str]:
    logic = found.logic
    told = {"sheet": sheet, "name": "" if sheet else found.name}
    if isinstance(logic, DecisionTable):
        told["output_label"] = logic.output_label
    else:
        told |= {"text": logic.text, "logic_type": logic.type}
    return _item(
        Item.DECISION,
        id=found.id,
        type=found.type,
        variable=found.variable,
        requires="\n".join(found.requires),
        logic_id=logic.id,
        question=found.question,
        answers=found.answers,
        description=found.description,
        **told,
    )


def _item(item: Item, **fields: str) -> list[str]:
    told = {"item": str(item), **fields}
    return [told.get(field.name.lower(), "") for field in Field]
