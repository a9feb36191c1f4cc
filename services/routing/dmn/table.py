"""A decision table that is ready to be asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.routing.dmn.columns import Column, Output
from services.routing.dmn.expressions import Expression, Known
from services.routing.dmn.extents import Extent
from services.routing.dmn.faults import (
    DmnConflictError,
    DmnInputError,
    Fault,
    Place,
    UnreadableError,
)
from services.routing.dmn.hits import DisagreementError, Hit, settle
from services.routing.dmn.model import Aggregation, HitPolicy
from services.routing.dmn.values import Kind, Scalar

Outputs = Mapping[str, Scalar | None]
Answer = Scalar | None | Outputs | tuple[Scalar | Outputs | None, ...]
"""One output alone, several by name, or a tuple of these where all hits are answered."""

_UNTOLD = {"value": "—", "text": "—"}  # what is computed may repeat what was given


@dataclass(frozen=True)
class Row:
    """A rule. `conditions` are its cells as sets, column by column."""

    number: int
    id: str
    conditions: tuple[Extent, ...]
    entries: tuple[Expression, ...]
    annotations: Mapping[str, str]
    description: str

    @property
    def told(self) -> str:
        return f"{self.number} ({self.id})" if self.id else str(self.number)


@dataclass(frozen=True)
class Fired:
    """A row that made the answer, and what it gave."""

    row: int
    id: str
    annotations: Mapping[str, str]
    description: str
    outputs: Outputs


@dataclass(frozen=True)
class Seen:
    """What a column was asked with; `text` is its input expression."""

    column: str
    text: str
    value: Scalar | None


@dataclass(frozen=True)
class Evaluation:
    """An answer with its grounds. `matched` are all rows that match, by number;
    `fired` are those that made the answer. With `by_default` none matched.
    """

    decision: str
    name: str
    value: Answer
    fired: tuple[Fired, ...] = ()
    matched: tuple[int, ...] = ()
    seen: tuple[Seen, ...] = ()
    by_default: bool = False


@dataclass(frozen=True)
class Table:
    """`defaults` are the outputs where no row matches, if it has any."""

    id: str
    name: str
    file: str
    policy: HitPolicy
    aggregation: Aggregation
    columns: tuple[Column, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Row, ...]
    annotations: tuple[str, ...]
    defaults: tuple[Expression, ...] | None

    @property
    def is_listed(self) -> bool:
        """Whether it answers with a list of all hits."""
        listed = (HitPolicy.RULE_ORDER, HitPolicy.OUTPUT_ORDER, HitPolicy.COLLECT)
        return self.policy in listed and self.aggregation is Aggregation.NONE

    @property
    def kind(self) -> Kind:
        """The kind of the answer where that is one value."""
        if self.aggregation is Aggregation.COUNT:
            return Kind.INTEGER
        return self.outputs[0].kind

    def evaluate(self, known: Known) -> Evaluation:
        """Raises `DmnInputError` and `DmnConflictError`."""
        seen = tuple(self._see(column, known) for column in self.columns)
        rows = [self.rows[place] for place in _bits(self._matching(seen))]
        hits = [Hit(row.number, self._outputs(row, known)) for row in rows]
        by_default = not hits and self.defaults is not None
        if by_default:
            hits = [Hit(0, self._defaults(known))]
        value, made = self._settle(hits)
        fired = tuple(self._fired(hit) for hit in made if hit.row)
        matched = tuple(row.number for row in rows)
        return Evaluation(self.id, self.name, value, fired, matched, seen, by_default)

    def shaped(self, values: tuple[Scalar | None, ...]) -> Scalar | Outputs | None:
        """Outputs of one row: one alone, several by their names."""
        return values[0] if len(self.outputs) == 1 else self._named(values)

    def place(self, row: str = "", column: str = "") -> Place:
        return Place(self.file, self.name, row, column)

    def _see(self, column: Column, known: Known) -> Seen:
        try:
            return Seen(column.name, column.text, column.value(known))
        except UnreadableError as error:
            raise self._bad(error, self.place(column=column.name)) from None

    def _matching(self, seen: tuple[Seen, ...]) -> int:
        matching = (1 << len(self.rows)) - 1
        for column, one in zip(self.columns, seen, strict=True):
            matching &= column.index.rows(one.value)
        return matching

    def _outputs(self, row: Row, known: Known) -> tuple[Scalar | None, ...]:
        return self._results(row.entries, known, row.told)

    def _defaults(self, known: Known) -> tuple[Scalar | None, ...]:
        return self._results(self.defaults or (), known, "")

    def _results(
        self, entries: tuple[Expression, ...], known: Known, row: str
    ) -> tuple[Scalar | None, ...]:
        values = tuple(entry.result(known) for entry in entries)
        for output, value in zip(self.outputs, values, strict=True):
            try:
                output.check(value)
            except UnreadableError as error:
                place = self.place(row, output.label)
                raise self._bad(error, place, **_UNTOLD) from None
        return values

    def _settle(self, hits: list[Hit]) -> tuple[Answer, list[Hit]]:
        ranks = [output.ranks for output in self.outputs]
        try:
            settled = settle(self.policy, self.aggregation, hits, ranks)
        except DisagreementError as found:
            rows = [self.rows[hit.row - 1].told for hit in found.hits]
            fault = Fault(found.why, self.place(), {"rows": rows})
            raise DmnConflictError(fault) from None
        if settled.total is not None or self.aggregation is not Aggregation.NONE:
            return settled.total, settled.hits
        shaped = tuple(self.shaped(hit.outputs) for hit in settled.hits)
        if self.is_listed:
            return shaped, settled.hits
        return (shaped[0] if shaped else None), settled.hits

    def _fired(self, hit: Hit) -> Fired:
        row = self.rows[hit.row - 1]
        outputs = self._named(hit.outputs)
        return Fired(row.number, row.id, row.annotations, row.description, outputs)

    def _named(self, values: tuple[Scalar | None, ...]) -> Outputs:
        names = (output.name for output in self.outputs)
        return dict(zip(names, values, strict=True))

    def _bad(
        self, error: UnreadableError, place: Place, **untold: str
    ) -> DmnInputError:
        return DmnInputError(Fault(error.why, place, {**error.facts, **untold}))


def _bits(mask: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
