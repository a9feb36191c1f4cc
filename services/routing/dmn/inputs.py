"""What a model must be given: the inputs it declares, or those its columns name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.routing.dmn.expressions import Meant
from services.routing.dmn.faults import Fault, Faults, Place, UnreadableError, Why
from services.routing.dmn.graph import Input
from services.routing.dmn.kinds import Typed, Types
from services.routing.dmn.model import DecisionTable, InputColumn, InputData, Model
from services.routing.dmn.words import KEYWORDS, one_spaced

_PLAIN_NAME = re.compile(r"[^\W\d]\w*(?: \w+)*")
_NAME_START = re.compile(r"[^\W\d]")


def given_inputs(
    model: Model, types: Types, faults: Faults, notes: list[Fault]
) -> tuple[dict[str, Input], dict[str, tuple[str, Meant]]]:
    """The inputs of a model, and what their names mean, both by id.

    A model that declares none, as editors of single tables write them, declares what
    its input columns name. Where a name has no type, whoever uses it is told so.
    """
    declared = model.inputs or _undeclared(model, notes)
    found, meant = {}, {}
    for given in declared:
        name = one_spaced(given.variable or given.name)
        meant[given.id] = name, Meant((given.id, ""), None, Why.NO_TYPE)
        with faults.at(Place(model.file, column=name)):
            _check_name(name)
            if _is_drawn_only(given, name, model, types):
                facts = {"name": name}
                notes.append(Fault(Why.NOTE_UNUSED, Place(model.file), facts))
                continue
            one = found[given.id] = _input(given, name, model, types)
            meant[given.id] = name, Meant((given.id, ""), one.kind)
    return found, meant


def _input(given: InputData, name: str, model: Model, types: Types) -> Input:
    typed = _type_of(given, model, types)
    if typed.kind is None:
        raise UnreadableError(Why.NO_TYPE)
    return Input(given.id, name, typed.kind, typed.allowed, typed.zoned)


def _undeclared(model: Model, notes: list[Fault]) -> tuple[InputData, ...]:
    decided = {n for d in model.decisions for n in (d.name, d.variable, d.id) if n}
    found: dict[str, InputData] = {}
    for name, _ in _columns(model):
        if _is_plain(name) and name not in decided and name not in found:
            found[name] = InputData(name, name)
            facts = {"name": name}
            notes.append(Fault(Why.NOTE_UNDECLARED, Place(model.file), facts))
    return tuple(found.values())


def _columns(model: Model) -> Iterator[tuple[str, InputColumn]]:
    """Every input column of a model with the text of its expression."""
    for decision in model.decisions:
        if isinstance(decision.logic, DecisionTable):
            for column in decision.logic.inputs:
                yield one_spaced(column.text), column


def _is_drawn_only(given: InputData, name: str, model: Model, types: Types) -> bool:
    """Whether an input changes nothing: no type to ask with, and in no expression."""
    if given.type and not types.has_parts(given.type):
        return False
    return not any(name in text for text in _expressions(model))


def _expressions(model: Model) -> Iterator[str]:
    for decision in model.decisions:
        if isinstance(decision.logic, DecisionTable):
            yield from (one_spaced(one.text) for one in decision.logic.inputs)
            yield from (one_spaced(one.default) for one in decision.logic.outputs)
            outputs = (text for rule in decision.logic.rules for text in rule.outputs)
            yield from map(one_spaced, outputs)
        else:
            yield one_spaced(decision.logic.text)


def _type_of(given: InputData, model: Model, types: Types) -> Typed:
    """Its own type; else that of the columns that ask for just this input."""
    if (own := types.meant(given.type)).kind is not None:
        return own
    name = one_spaced(given.variable or given.name)
    texts = {column.type for text, column in _columns(model) if text == name}
    kinds = {kind for text in texts if (kind := types.meant(text).kind)}
    if len(kinds) > 1:
        raise UnreadableError(Why.TYPES_DIFFER, kinds=sorted(kinds))
    return Typed(next(iter(kinds), None))


def _is_plain(name: str) -> bool:
    words = name.split()
    return bool(_PLAIN_NAME.fullmatch(name)) and KEYWORDS.isdisjoint(words)


def _check_name(name: str) -> None:
    if not name:
        raise UnreadableError(Why.NO_NAME)
    if not _NAME_START.match(name) or name in KEYWORDS:
        raise UnreadableError(Why.BAD_NAME, name=name)
