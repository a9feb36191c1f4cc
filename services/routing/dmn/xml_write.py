"""A `Model` as a DMN file. Reading it gives the same model again."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from services.routing.dmn.model import (
    Aggregation,
    Decision,
    DecisionTable,
    InputColumn,
    InputData,
    LiteralExpression,
    Model,
    OutputColumn,
    Rule,
    TypeDefinition,
)
from services.routing.dmn.xml_read import VERSIONS

_SPACES = {version: space for space, version in VERSIONS.items()}
Lines = Iterator[str]


def write_xml(model: Model) -> bytes:
    """The file, without a diagram: editors draw one when they open it."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_definitions(model)]
    return ("\n".join(lines) + "\n").encode()


def _definitions(model: Model) -> Lines:
    yield _open(
        "definitions",
        xmlns=_SPACES[model.version],
        id=model.id,
        name=model.name,
        namespace=model.namespace,
    )
    for definition in model.types:
        yield from _type(definition)
    for given in model.inputs:
        yield from _input_data(given)
    kinds = {given.id: "requiredInput" for given in model.inputs}
    for decision in model.decisions:
        yield from _decision(decision, kinds)
    yield "</definitions>"


def _type(found: TypeDefinition) -> Lines:
    yield _open("itemDefinition", id=found.id, name=found.name)
    yield from _text("typeRef", found.base)
    yield from _texts("allowedValues", found.allowed)
    yield "</itemDefinition>"


def _input_data(found: InputData) -> Lines:
    yield _open("inputData", id=found.id, name=found.name)
    yield from _variable(found.variable, found.type)
    yield "</inputData>"


def _decision(found: Decision, kinds: dict[str, str]) -> Lines:
    yield _open("decision", id=found.id, name=found.name)
    yield from _text("description", found.description)
    yield from _text("question", found.question)
    yield from _text("allowedAnswers", found.answers)
    yield from _variable(found.variable, found.type)
    for target in found.requires:
        kind = kinds.get(target, "requiredDecision")
        yield "<informationRequirement>"
        yield _open(kind, href=f"#{target}", closed=True)
        yield "</informationRequirement>"
    if isinstance(found.logic, LiteralExpression):
        yield from _literal(found.logic)
    else:
        yield from _table(found.logic)
    yield "</decision>"


def _literal(found: LiteralExpression) -> Lines:
    yield _open("literalExpression", id=found.id, typeRef=found.type)
    yield f"<text>{escape(found.text)}</text>"
    yield "</literalExpression>"


def _table(found: DecisionTable) -> Lines:
    aggregation = "" if found.aggregation is Aggregation.NONE else found.aggregation
    yield _open(
        "decisionTable",
        id=found.id,
        hitPolicy=found.policy,
        aggregation=aggregation,
        outputLabel=found.output_label,
    )
    for column in found.inputs:
        yield from _input(column)
    for output in found.outputs:
        yield from _output(output)
    for name in found.annotations:
        yield _open("annotation", name=name, closed=True)
    for rule in found.rules:
        yield from _rule(rule)
    yield "</decisionTable>"


def _input(found: InputColumn) -> Lines:
    yield _open("input", id=found.id, label=found.label)
    yield _open("inputExpression", typeRef=found.type)
    yield f"<text>{escape(found.text)}</text>"
    yield "</inputExpression>"
    yield from _texts("inputValues", found.allowed)
    yield "</input>"


def _output(found: OutputColumn) -> Lines:
    yield _open(
        "output",
        id=found.id,
        label=found.label,
        name=found.name,
        typeRef=found.type,
    )
    yield from _texts("outputValues", found.allowed)
    yield from _texts("defaultOutputEntry", found.default)
    yield "</output>"


def _rule(found: Rule) -> Lines:
    yield _open("rule", id=found.id)
    yield from _text("description", found.description)
    for name, texts in (
        ("inputEntry", found.tests),
        ("outputEntry", found.outputs),
        ("annotationEntry", found.annotations),
    ):
        for text in texts:
            yield f"<{name}><text>{escape(text)}</text></{name}>"
    yield "</rule>"


def _variable(name: str, type_ref: str) -> Lines:
    if name or type_ref:
        yield _open("variable", closed=True, name=name, typeRef=type_ref)


def _text(name: str, text: str) -> Lines:
    if text:
        yield f"<{name}>{escape(text)}</{name}>"


def _texts(name: str, text: str) -> Lines:
    if text:
        yield f"<{name}><text>{escape(text)}</text></{name}>"


def _open(element: str, *, closed: bool = False, **attributes: str) -> str:
    """A start tag with the attributes that say something."""
    told = "".join(
        f" {name}={quoteattr(text)}" for name, text in attributes.items() if text
    )
    return f"<{element}{told}{'/' if closed else ''}>"
