"""What an analysis of one table finds, each with the smallest example there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.routing.dmn.values import Scalar

Point = Mapping[str, Scalar | None]
"""An example: a value for every input that matters, by name."""


class Finding(StrEnum):
    """What is wrong with a table, or worth knowing of it."""

    GAP = "gap"
    CONTRADICTION = "contradiction"
    UNREACHABLE = "unreachable"
    REDUNDANT = "redundant"
    SAFETY_NET = "safety-net"
    UNDECIDED = "undecided"
    NOT_PROVABLE = "not-provable"


@dataclass(frozen=True)
class Found:
    """Something found in a table. `rows` are told by number and id, the first is meant.

    `example` are the facts that differ from what is usual; `cells` are those of a row
    that would close a gap, by column.
    """

    finding: Finding
    table: str
    rows: tuple[str, ...] = ()
    example: Point = field(default_factory=dict)
    cells: Mapping[str, str] = field(default_factory=dict)
    column: str = ""


@dataclass(frozen=True)
class Analysis:
    """Everything found in a table, and how much was looked at."""

    table: str
    rows: int
    columns: int
    pieces: int
    steps: int
    found: tuple[Found, ...]

    def of(self, *findings: Finding) -> tuple[Found, ...]:
        return tuple(one for one in self.found if one.finding in findings)
