"""The element `decision` as it is written: what it requires, and its logic."""

from __future__ import annotations

from typing import NamedTuple

from services.routing.dmn.faults import Faults, Place, Why
from services.routing.dmn.model import Decision, DecisionTable, LiteralExpression
from services.routing.dmn.safe_xml import Element
from services.routing.dmn.xml_table import read_table, text_of

SPECIFICATION = "://www.omg.org/spec/"

_LANGUAGES = frozenset({"feel", "s-feel", "sfeel"})
_TABLE, _LITERAL = "decisionTable", "literalExpression"
_NO_MEANING = frozenset(
    {
        "authorityRequirement",
        "supportedObjective",
        "impactedPerformanceIndicator",
        "decisionMaker",
        "decisionOwner",
        "usingProcess",
        "usingTask",
        "extensionElements",
    }
)
_MEANT = frozenset(
    {
        "description",
        "question",
        "allowedAnswers",
        "variable",
        "informationRequirement",
        _TABLE,
        _LITERAL,
    }
)
_LOGIC = frozenset(
    {
        "context",
        "functionDefinition",
        "invocation",
        "relation",
        "list",
        "conditional",
        "for",
        "every",
        "some",
        "filter",
        "knowledgeRequirement",
    }
)


class Within(NamedTuple):
    """What a decision stands in: the namespace of its model, and where faults go."""

    space: str
    place: Place
    faults: Faults

    def refuse(self, why: Why, found: Element) -> None:
        self.faults.add(why, self.place, element=found.name, line=found.line)


def read_decision(found: Element, within: Within) -> Decision | None:
    """The decision, or None if it has no logic that can be read."""
    name = found.attributes.get("name", "")
    told = name or found.attributes.get("id", "")
    within = within._replace(place=within.place._replace(decision=told))
    before = len(within.faults.found)
    _check_children(found, within)
    if (logic := _logic(found, within)) is None:
        if len(within.faults.found) == before:
            within.faults.add(Why.NO_LOGIC, within.place)
        return None
    variable, type_ref = variable_of(found)
    return Decision(
        own_id(found, within),
        name,
        logic,
        _requires(found, within),
        variable,
        type_ref,
        text_of(found, "question", nested=False),
        text_of(found, "allowedAnswers", nested=False),
        text_of(found, "description", nested=False),
    )


def variable_of(found: Element) -> tuple[str, str]:
    """Name and type of the variable that holds the value."""
    if (variable := found.child("variable")) is None:
        return "", ""
    return variable.attributes.get("name", ""), variable.attributes.get("typeRef", "")


def own_id(found: Element, within: Within) -> str:
    if not (own := found.attributes.get("id", "")):
        within.refuse(Why.NO_ID, found)
    return own


def check_language(found: Element, within: Within) -> None:
    """Everything is read as FEEL; what says that it is not is refused."""
    spoken = found.attributes.get("expressionLanguage") or "feel"
    is_feel = SPECIFICATION in spoken and "FEEL" in spoken
    if spoken.lower() not in _LANGUAGES and not is_feel:
        facts = {"spoken": spoken, "line": found.line}
        within.faults.add(Why.LANGUAGE, within.place, **facts)


def _check_children(found: Element, within: Within) -> None:
    for child in found.children:
        if child.space != found.space:
            within.refuse(Why.ELEMENT, child)
        elif child.name in _LOGIC:
            within.refuse(Why.LOGIC, child)
        elif child.name not in _MEANT | _NO_MEANING:
            within.refuse(Why.ELEMENT, child)
    for second in [c for c in found.children if c.name in (_TABLE, _LITERAL)][1:]:
        within.refuse(Why.LOGIC, second)


def _logic(found: Element, within: Within) -> DecisionTable | LiteralExpression | None:
    if table := found.child(_TABLE):
        _check_languages(table, within)
        return read_table(table, within.place, within.faults)
    if literal := found.child(_LITERAL):
        _check_languages(literal, within)
        return LiteralExpression(
            text_of(literal, "text", nested=False),
            literal.attributes.get("typeRef", ""),
            literal.attributes.get("id", ""),
        )
    return None


def _check_languages(found: Element, within: Within) -> None:
    check_language(found, within)
    for child in found.children:
        _check_languages(child, within)


def _requires(found: Element, within: Within) -> tuple[str, ...]:
    needs = [r for one in found.all("informationRequirement") for r in one.children]
    own = [r for r in needs if r.name in ("requiredInput", "requiredDecision")]
    return tuple(_target(r, within) for r in own)


def _target(found: Element, within: Within) -> str:
    space, _, target = found.attributes.get("href", "").rpartition("#")
    if space not in ("", within.space):
        within.refuse(Why.IMPORT, found)
    return target
