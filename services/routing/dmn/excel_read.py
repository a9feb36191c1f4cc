"""A workbook as a `Model`. The layout is that of `excel.py`; nothing is guessed."""

from __future__ import annotations

from pathlib import PurePath

from services.routing.dmn.excel import DEFAULT_SPACE, Field, Item, word
from services.routing.dmn.excel_table import read_sheet
from services.routing.dmn.faults import Faults, Place, Why
from services.routing.dmn.model import (
    Decision,
    DecisionTable,
    InputData,
    LiteralExpression,
    Model,
    TypeDefinition,
)
from services.routing.dmn.words import one_spaced
from services.routing.dmn.workbook import Sheet, read_workbook
from services.routing.dmn.xml_read import VERSIONS

Line = dict[str, str]
"""A row of the model's own sheet, by the names of its fields."""


def read_xlsx(data: bytes, file: str) -> Model:
    """Raises `DmnRefusedError` with everything that is wrong with the sheets."""
    sheets = read_workbook(data, file)
    reader = _Reader(sheets, Place(file))
    model = reader.model()
    reader.faults.stop()
    return model


class _Reader:
    def __init__(self, sheets: list[Sheet], place: Place) -> None:
        self.faults = Faults()
        self._place = place
        own = [sheet for sheet in sheets if _is_model(sheet)]
        tables = [s for s in sheets if any(map(any, s.rows)) and s not in own]
        self._lines = [line for sheet in own for line in self._read_lines(sheet)]
        self._tables = {
            sheet.name: read_sheet(
                sheet, place._replace(decision=sheet.name), self.faults
            )
            for sheet in tables
        }

    def model(self) -> Model:
        if not self._tables and not self._lines:
            self.faults.add(Why.NO_TABLE, self._place)
        told = next((_ for _ in self._of(Item.MODEL)), self._untold())
        if told["type"] not in VERSIONS.values():
            self.faults.add(Why.MODEL_SHEET, self._place, text=told["type"])
        return Model(
            told["id"],
            told["name"],
            told["text"],
            (*self._told_decisions(), *self._untold_decisions()),
            tuple(self._inputs()),
            tuple(self._types()),
            told["type"],
            self._place.file,
        )

    def _read_lines(self, sheet: Sheet) -> list[Line]:
        fields = [word(text, Field) for text in sheet.rows[0]]
        found = []
        for number, row in enumerate(sheet.rows[1:], 2):
            line = {field.name.lower(): "" for field in Field}
            for field, text in zip(fields, row, strict=False):
                if field:
                    line[field.name.lower()] = text
            if any(row) and word(line["item"], Item) is None:
                place = self._place._replace(decision=sheet.name, row=str(number))
                self.faults.add(Why.MODEL_SHEET, place, text=line["item"])
            found.append(line)
        return found

    def _of(self, item: Item) -> list[Line]:
        return [line for line in self._lines if word(line["item"], Item) is item]

    def _untold(self) -> Line:
        name = PurePath(self._place.file).stem
        return {"id": "definitions", "name": name, "type": "1.3", "text": DEFAULT_SPACE}

    def _types(self) -> list[TypeDefinition]:
        lines = self._of(Item.TYPE)
        return [
            TypeDefinition(one["name"], one["type"], one["allowed"], one["id"])
            for one in lines
        ]

    def _inputs(self) -> list[InputData]:
        lines = self._of(Item.INPUT)
        return [
            InputData(one["id"], one["name"], one["variable"], one["type"])
            for one in lines
        ]

    def _told_decisions(self) -> list[Decision]:
        return [d for line in self._of(Item.DECISION) if (d := self._told(line))]

    def _told(self, line: Line) -> Decision | None:
        logic: DecisionTable | LiteralExpression
        name = line["name"]
        if sheet := line["sheet"]:
            if (found := self._tables.pop(sheet, None)) is None:
                self.faults.add(Why.MODEL_SHEET, self._place, text=sheet)
                return None
            name, table = found
            logic = _with(table, line)
        else:
            logic = LiteralExpression(
                line["text"], line["logic_type"], line["logic_id"]
            )
        return Decision(
            line["id"],
            name,
            logic,
            tuple(line["requires"].split()),
            line["variable"],
            line["type"],
            line["question"],
            line["answers"],
            line["description"],
        )

    def _untold_decisions(self) -> list[Decision]:
        """Sheets that the model's own sheet does not know. One that has a column named
        like another such sheet's decision requires that decision.
        """
        ids = {
            one_spaced(name): f"decision_{number}"
            for number, (name, _) in enumerate(self._tables.values(), 1)
        }
        return [
            Decision(ids[one_spaced(name)], name, table, _required(table, ids))
            for name, table in self._tables.values()
        ]


def _is_model(sheet: Sheet) -> bool:
    return bool(sheet.rows and sheet.rows[0]) and (
        word(sheet.rows[0][0], Field) is Field.ITEM
    )


def _with(table: DecisionTable, line: Line) -> DecisionTable:
    """The table with what only the model's own sheet knows of it."""
    return DecisionTable(
        table.inputs,
        table.outputs,
        table.rules,
        table.policy,
        table.aggregation,
        table.annotations,
        line["output_label"],
        line["logic_id"],
    )


def _required(table: DecisionTable, ids: dict[str, str]) -> tuple[str, ...]:
    names = (one_spaced(column.text) for column in table.inputs)
    return tuple(dict.fromkeys(ids[name] for name in names if name in ids))
