"""What is wrong in the files of a region: where, what, and what to do; all at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.events.errors import FengqiaoError

Row = tuple[str, str]
"""A file, and what names a row of it: empty if its own name cannot be read."""

EVERYTHING = "*"
"""In place of a row: the whole file."""


class RegionRefusedError(FengqiaoError):
    """A region's files cannot be used, so none of them is.

    `row` is the line in a CSV file as a spreadsheet counts it, or a key in a TOML file.
    `why` names the texts in the message files; `all` are this fault and those that were
    found with it.
    """

    code = "region-refused"

    def __init__(
        self,
        file: str,
        row: str,
        reason: str,
        remedy: str,
        *,
        why: str = "fault",
        column: str = "",
        **facts: object,
    ) -> None:
        self.file, self.row, self.reason, self.remedy = file, row, reason, remedy
        self.why, self.column = why, column
        self.all: tuple[RegionRefusedError, ...] = (self,)
        where = ", ".join(filter(None, [file, row, column and f"column {column}"]))
        super().__init__(
            f"cannot use {where}: {reason}; {remedy}",
            file=file,
            row=row,
            column=column,
            reason=reason,
            remedy=remedy,
            **facts,
        )

    def moved_to(self, file: str, row: str, before: str | None) -> RegionRefusedError:
        """The same at another place; `before` is the row that it points to, if any."""
        place = {"file", "row", "column", "reason", "remedy"}
        facts = {name: told for name, told in self.facts.items() if name not in place}
        moved = RegionRefusedError(
            file, row, self.reason, self.remedy, why=self.why, column=self.column
        )
        moved.facts |= facts | ({"before": before} if before else {})
        return moved


class Faults:
    """Collects what is wrong, so that a person is told everything at once.

    `left_out` are the rows that could not be read, so that others that name them are
    not blamed for it.
    """

    def __init__(self, left_out: list[Row] | None = None) -> None:
        self.found: list[RegionRefusedError] = []
        self.left_out = [] if left_out is None else left_out

    @contextmanager
    def caught(self) -> Iterator[None]:
        """A fault inside is kept, and what stands behind the block goes on."""
        try:
            yield
        except RegionRefusedError as fault:
            self.found.extend(fault.all)

    @contextmanager
    def reading(self, *rows: Row) -> Iterator[None]:
        """As `caught`; these rows are then left out."""
        try:
            yield
        except RegionRefusedError as fault:
            self.found.extend(fault.all)
            self.left_out.extend(rows)

    def stop(self) -> None:
        """Raises `RegionRefusedError` if anything was found, the first one first."""
        if self.found:
            first, *_ = self.found
            first.all = tuple(self.found)
            raise first


@contextmanager
def collecting(faults: Faults | None) -> Iterator[Faults]:
    """Faults of a file: told together at its end, or left to who collects more."""
    kept = Faults(None if faults is None else faults.left_out)
    with kept.caught():
        yield kept
    if faults is None:
        kept.stop()
    else:
        faults.found.extend(kept.found)
