"""One sheet as a decision table: captions, hit policy, heads, rules."""

from __future__ import annotations

from services.routing.dmn.excel import Head, Part, word
from services.routing.dmn.faults import Faults, Place, Why
from services.routing.dmn.model import (
    CELLS,
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Rule,
)
from services.routing.dmn.workbook import Sheet, as_columns, letters

Cells = list[str]


def read_sheet(sheet: Sheet, place: Place, faults: Faults) -> tuple[str, DecisionTable]:
    """The name of the decision and its table; what is wrong goes to `faults`."""
    return _Reader(sheet, place, faults).table()


class _Reader:
    def __init__(self, sheet: Sheet, place: Place, faults: Faults) -> None:
        self._place, self._faults = place, faults
        width = max(as_columns(sheet.rows), 1)
        full = [row + [""] * (width - len(row)) for row in sheet.rows]
        blank = [""] * width
        self._rows = [*full, *([blank] * (2 - len(full)))]
        self._parts = [self._part(n, text) for n, text in enumerate(self._rows[0])]
        self._heads: dict[Head, Cells] = {}

    def table(self) -> tuple[str, DecisionTable]:
        first = self._read_heads()
        policy, aggregation = self._hits()
        rules = self._rules(first)
        table = DecisionTable(
            tuple(map(self._input, self._columns(Part.INPUT))),
            tuple(map(self._output, self._columns(Part.OUTPUT))),
            tuple(rules),
            policy,
            aggregation,
            tuple(self._of(Part.ANNOTATION, self._rows[1])),
        )
        return self._rows[0][0], table

    def _part(self, number: int, text: str) -> Part | None:
        found = word(text, Part) if number else None
        if number and found is None:
            used = any(row[number] for row in self._rows)
            if used:
                why = Why.CAPTION if text else Why.STRAY_CELL
                place = self._place._replace(column=letters(number))
                self._faults.add(why, place, text=text, known=[*Part])
        return Part(found) if found else None

    def _hits(self) -> tuple[HitPolicy, Aggregation]:
        text = "".join(self._rows[1][0].split()).upper()
        if text not in CELLS:
            place = self._place._replace(row="2", column="A")
            self._faults.add(Why.HIT_POLICY, place, found=text, known=[*CELLS])
        return CELLS.get(text, (HitPolicy.UNIQUE, Aggregation.NONE))

    def _read_heads(self) -> int:
        """Notes the rows above the rules; gives the place of the first rule."""
        for place, row in enumerate(self._rows[2:], 2):
            head = word(row[0], Head)
            if head is None:
                return place
            self._heads[Head(head)] = row
        return len(self._rows)

    def _rules(self, first: int) -> list[Rule]:
        found: list[Rule] = []
        for line, row in enumerate(self._rows[first:], first + 1):
            if any(row):
                found.append(self._rule(row))
                self._check_number(row[0], len(found), line)
        return found

    def _check_number(self, text: str, expected: int, line: int) -> None:
        if text in ("", str(expected)):
            return
        why = Why.ROW_NUMBER if text.isdecimal() else Why.HEADER_ROW
        place = self._place._replace(row=str(line), column="A")
        known = [*Head]
        self._faults.add(why, place, found=text, expected=expected, known=known)

    def _rule(self, row: Cells) -> Rule:
        return Rule(
            tuple(self._of(Part.INPUT, row)),
            tuple(self._of(Part.OUTPUT, row)),
            tuple(self._of(Part.ANNOTATION, row)),
            "\n".join(self._of(Part.DESCRIPTION, row)),
            "".join(self._of(Part.ID, row)),
        )

    def _input(self, column: int) -> InputColumn:
        return InputColumn(
            self._rows[1][column],
            self._head(Head.TYPE, column),
            self._head(Head.LABEL, column),
            self._head(Head.ALLOWED, column),
            self._head(Head.ID, column),
        )

    def _output(self, column: int) -> OutputColumn:
        return OutputColumn(
            self._rows[1][column],
            self._head(Head.TYPE, column),
            self._head(Head.LABEL, column),
            self._head(Head.ALLOWED, column),
            self._head(Head.DEFAULT, column),
            self._head(Head.ID, column),
        )

    def _head(self, head: Head, column: int) -> str:
        return self._heads[head][column] if head in self._heads else ""

    def _of(self, part: Part, row: Cells) -> Cells:
        return [row[column] for column in self._columns(part)]

    def _columns(self, part: Part) -> list[int]:
        return [n for n, found in enumerate(self._parts) if found is part]
