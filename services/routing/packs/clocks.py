"""The clocks of a pack (`clocks.csv`): every limit that a row may name, with its law."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.calendar import Period, Unit
from shared.events.base import Value
from shared.events.clocks import ClockTerms, OnBreach, Pause
from shared.region_files import Folder, Line, read_csv

CLOCKS = "clocks.csv"

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
Extension = Annotated[
    str,
    Field(pattern=r"^(parties|head|president|chair|superior|sender)(\+[1-9]\d{0,2})?$"),
]
"""Who makes it longer, and by how much at most; both as escalation enforces them."""


class ClockRule(Value):
    """A limit (期限) as law or design states it.

    `name` is what a running clock is called; `starts_at` and `extension` say from when
    it runs and who may make it longer, by how much at most: `parties`, `head+30`.
    Without `on_breach` it is a right of the parties, which is shown and never enforced.
    """

    id: Id
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    amount: Annotated[int, Field(gt=0, le=5000)]
    unit: Unit
    starts_at: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    on_breach: OnBreach | None = None
    legal_basis: Annotated[str, Field(min_length=1)]
    provisional: bool = False
    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def terms(self, name: str = "") -> ClockTerms:
        """The clock as events carry it; by its own name if none is given."""
        return ClockTerms(
            name=name or self.name,
            period=Period(amount=self.amount, unit=self.unit),
            on_breach=self.on_breach or OnBreach.SUPERVISE,
            legal_basis=self.legal_basis,
            provisional=self.provisional,
            pauses=self.pauses,
            extension=self.extension,
        )


def read_clocks(folder: Folder) -> dict[str, ClockRule]:
    """The clocks by id. Raises `RegionRefusedError` with the row."""
    clocks: dict[str, ClockRule] = {}
    for line in read_csv(folder, CLOCKS, tuple(ClockRule.model_fields)):
        clock = _clock(line)
        if clock.id in clocks:
            reason = f"clock {clock.id} stands there twice"
            raise line.refuse(reason, "keep one row", "key-twice", "id", name=clock.id)
        clocks[clock.id] = clock
    return clocks


def _clock(line: Line) -> ClockRule:
    marked = line.cells.get("provisional", "")
    if marked not in ("", "yes"):
        reason, remedy = f"provisional {marked!r} is no mark", "write yes, or nothing"
        raise line.refuse(reason, remedy, "value-mark", "provisional", given=marked)
    pauses = tuple(line.cells.get("pauses", "").split())
    return line.as_a(ClockRule, pauses=pauses, provisional=marked == "yes")
