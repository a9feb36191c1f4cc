"""A draft: a rule pack with the directory that it is tried with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from services.routing.backtest.columns import INPUTS
from services.routing.backtest.errors import NotColumnarError
from services.routing.backtest.graphs import Vectorised
from services.routing.backtest.sql import literal, quoted
from services.routing.directory import Directory
from services.routing.dmn.expressions import Constant
from services.routing.packs import Pack, PackDecider
from shared.bodies import OutsideHours
from shared.events.routing import Action
from shared.region import Region

REACHED = "reached"
"""The column with the tier, which a decision is made of beside the rows."""
ALWAYS = ("severity", "way", "nobody")
HANDED_ON = ("handoff", "terms", "lead", "clocks")


@dataclass(frozen=True)
class Draft:
    """What would be in force."""

    pack: Pack
    region: Region

    @cached_property
    def decider(self) -> PackDecider:
        return PackDecider(self.pack)

    @cached_property
    def directory(self) -> Directory:
        return Directory.of(self.region, self.pack.head)

    @cached_property
    def vectorised(self) -> Vectorised:
        return Vectorised(self.pack.graph, checked=False)

    @property
    def questions(self) -> str:
        """The inputs of the pack's tables as a query over the past.

        A category that the pack does not know is null there, as in the decider.
        """
        if unknown := sorted(self.pack.graph.inputs.keys() - INPUTS.keys()):
            raise NotColumnarError("—", unknown[0], "no such input is kept")
        kinds = ", ".join(literal(kind) for kind in self.pack.kinds)
        told = {**INPUTS, "kind": f"CASE WHEN kind IN ({kinds}) THEN kind END"}
        columns = (f"{told[i]} AS {quoted(i)}" for i in self.pack.graph.inputs)
        return (
            f"SELECT position, tier AS {REACHED}, {', '.join(columns)}"
            " FROM past WHERE holder IS NOT NULL"
        )

    def key(self, rows: Mapping[str, str]) -> str:
        """The rows that a decision is made of, as text, with the tier.

        Of a dispute that is not handed on, the tables after the way are not asked.
        """
        way = self.pack.tables["way"]
        place = [output.name for output in way.outputs].index("action")
        kept = [
            str(row.number)
            for row in way.rows
            if Constant(str(Action.STAY)) == row.entries[place]
            or Constant(str(Action.LAW)) == row.entries[place]
        ]
        ends = f"{quoted(rows['way'])} IN ({', '.join(kept) or 'NULL'})"
        always = [f"coalesce({quoted(rows[n])}::VARCHAR, '')" for n in ALWAYS]
        handed_on = [
            f"CASE WHEN {ends} THEN '' ELSE coalesce({quoted(rows[n])}::VARCHAR, '') END"
            for n in HANDED_ON
        ]
        told = ", ".join((*always, *handed_on, "coalesce(failed, '')", REACHED))
        return f"concat_ws(',', {told})"

    @property
    def minds_hours(self) -> bool:
        """Whether the time of day decides which body is found."""
        return self.pack.resolution.outside_hours is OutsideHours.SKIP
