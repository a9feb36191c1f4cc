"""A decision model as it is written: texts of cells, names, ids. Nothing is read yet.

XML and Excel are two ways to write the same model, and both keep all of it. What has no
meaning for a decision (diagrams, knowledge sources, an editor's own elements) is no part
of it. A text that is absent is "".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from services.routing.dmn.faults import Fault


class HitPolicy(StrEnum):
    """What is answered when several rows match, by the name in XML."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"
    COLLECT = "COLLECT"


class Aggregation(StrEnum):
    """What becomes of collected outputs, by the name in XML."""

    NONE = ""
    SUM = "SUM"
    MIN = "MIN"
    MAX = "MAX"
    COUNT = "COUNT"


_SIGNS = {
    Aggregation.NONE: "",
    Aggregation.SUM: "+",
    Aggregation.MIN: "<",
    Aggregation.MAX: ">",
    Aggregation.COUNT: "#",
}
CELLS: dict[str, tuple[HitPolicy, Aggregation]] = {
    **{p.value[0]: (p, Aggregation.NONE) for p in HitPolicy},
    **{f"C{sign}": (HitPolicy.COLLECT, a) for a, sign in _SIGNS.items()},
}
"""The hit policy cells of the standard, such as U or C+."""


def hit_cell(policy: HitPolicy, aggregation: Aggregation) -> str:
    return policy.value[0] + _SIGNS[aggregation]


@dataclass(frozen=True)
class TypeDefinition:
    """A type of the model's own: a simple one with allowed values."""

    name: str
    base: str
    allowed: str = ""
    id: str = ""


@dataclass(frozen=True)
class InputData:
    """Something that whoever asks must give."""

    id: str
    name: str
    variable: str = ""
    type: str = ""


@dataclass(frozen=True)
class InputColumn:
    text: str
    type: str = ""
    label: str = ""
    allowed: str = ""
    id: str = ""


@dataclass(frozen=True)
class OutputColumn:
    name: str = ""
    type: str = ""
    label: str = ""
    allowed: str = ""
    default: str = ""
    id: str = ""


@dataclass(frozen=True)
class Rule:
    """A row. Its number is its place in the table, from 1."""

    tests: tuple[str, ...]
    outputs: tuple[str, ...]
    annotations: tuple[str, ...] = ()
    description: str = ""
    id: str = ""


@dataclass(frozen=True)
class DecisionTable:
    inputs: tuple[InputColumn, ...]
    outputs: tuple[OutputColumn, ...]
    rules: tuple[Rule, ...]
    policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation = Aggregation.NONE
    annotations: tuple[str, ...] = ()
    output_label: str = ""
    id: str = ""


@dataclass(frozen=True)
class LiteralExpression:
    text: str
    type: str = ""
    id: str = ""


@dataclass(frozen=True)
class Decision:
    """A decision; `requires` are the ids of inputs and decisions, in their order."""

    id: str
    name: str
    logic: DecisionTable | LiteralExpression
    requires: tuple[str, ...] = ()
    variable: str = ""
    type: str = ""
    question: str = ""
    answers: str = ""
    description: str = ""


@dataclass(frozen=True)
class Model:
    """A file of decisions. Where it came from, and what was left out, is no part of it."""

    id: str
    name: str
    namespace: str
    decisions: tuple[Decision, ...]
    inputs: tuple[InputData, ...] = ()
    types: tuple[TypeDefinition, ...] = ()
    version: str = "1.3"
    file: str = field(default="", compare=False)
    notes: tuple[Fault, ...] = field(default=(), compare=False)
