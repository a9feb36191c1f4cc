"""The element `decisionTable` as it is written: columns, rules, their texts."""

from __future__ import annotations

from services.routing.dmn.faults import Faults, Place, Why
from services.routing.dmn.model import (
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputColumn,
    OutputColumn,
    Rule,
)
from services.routing.dmn.safe_xml import Element

_PARTS = frozenset({"input", "output", "annotation", "rule"})
_OF_A_RULE = frozenset({"inputEntry", "outputEntry", "annotationEntry"})
_UNSAID = frozenset({"description", "extensionElements"})


def text_of(found: Element, name: str, *, nested: bool = True) -> str:
    """The text of a child, or of that child's `text`; "" where there is none."""
    child = found.child(name)
    if child is not None and nested:
        child = child.child("text")
    return "" if child is None else child.text


def read_table(found: Element, place: Place, faults: Faults) -> DecisionTable:
    """The table; what is wrong with its shape goes to `faults`."""
    _only(found, _PARTS, place, faults)
    policy, aggregation = _hits(found, place, faults)
    inputs = tuple(_input(one, place, faults) for one in found.all("input"))
    outputs = tuple(_output(one, place, faults) for one in found.all("output"))
    names = tuple(one.attributes.get("name", "") for one in found.all("annotation"))
    rules = found.all("rule")
    return DecisionTable(
        inputs,
        outputs,
        tuple(_rule(n, r, len(names), place, faults) for n, r in enumerate(rules, 1)),
        policy,
        aggregation,
        names,
        found.attributes.get("outputLabel", ""),
        found.attributes.get("id", ""),
    )


def _only(found: Element, known: frozenset[str], place: Place, faults: Faults) -> None:
    for child in found.children:
        if child.space != found.space or child.name not in known | _UNSAID:
            faults.add(Why.ELEMENT, place, element=child.name, line=child.line)


def _hits(
    found: Element, place: Place, faults: Faults
) -> tuple[HitPolicy, Aggregation]:
    policy = found.attributes.get("hitPolicy", HitPolicy.UNIQUE)
    aggregation = found.attributes.get("aggregation", "")
    if policy not in set(HitPolicy):
        faults.add(Why.HIT_POLICY, place, found=policy, known=[*HitPolicy])
        policy = HitPolicy.UNIQUE
    if aggregation not in set(Aggregation) or (
        aggregation and policy != HitPolicy.COLLECT
    ):
        faults.add(Why.AGGREGATION, place, found=aggregation)
        aggregation = ""
    return HitPolicy(policy), Aggregation(aggregation)


def _input(found: Element, place: Place, faults: Faults) -> InputColumn:
    label = found.attributes.get("label", "")
    _only(found, frozenset({"inputExpression", "inputValues"}), place, faults)
    expression = found.child("inputExpression")
    return InputColumn(
        text_of(found, "inputExpression"),
        expression.attributes.get("typeRef", "") if expression else "",
        label,
        text_of(found, "inputValues"),
        found.attributes.get("id", ""),
    )


def _output(found: Element, place: Place, faults: Faults) -> OutputColumn:
    _only(found, frozenset({"outputValues", "defaultOutputEntry"}), place, faults)
    return OutputColumn(
        found.attributes.get("name", ""),
        found.attributes.get("typeRef", ""),
        found.attributes.get("label", ""),
        text_of(found, "outputValues"),
        text_of(found, "defaultOutputEntry"),
        found.attributes.get("id", ""),
    )


def _rule(
    number: int, found: Element, annotations: int, place: Place, faults: Faults
) -> Rule:
    _only(found, _OF_A_RULE, place._replace(row=str(number)), faults)
    told = _texts(found, "annotationEntry") or ("",) * annotations
    return Rule(
        _texts(found, "inputEntry"),
        _texts(found, "outputEntry"),
        told,
        text_of(found, "description", nested=False),
        found.attributes.get("id", ""),
    )


def _texts(found: Element, name: str) -> tuple[str, ...]:
    return tuple(
        "" if (text := entry.child("text")) is None else text.text
        for entry in found.all(name)
    )
