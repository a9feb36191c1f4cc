"""The decisions of a model in the order in which they can be made."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from services.routing.dmn.faults import Faults, Place, Why
from services.routing.dmn.model import Decision, Model


def in_order(model: Model, faults: Faults) -> list[Decision]:
    """What others require comes first; nothing if the model goes in circles."""
    decisions = {decision.id: decision for decision in model.decisions}
    known = decisions.keys() | {given.id for given in model.inputs}
    for decision in model.decisions:
        for target in decision.requires:
            if target not in known:
                place = Place(model.file, decision.name)
                faults.add(Why.UNKNOWN_REFERENCE, place, name=target)
    return _sorted(decisions, model.file, faults)


def needed(asked: str, requires: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The decisions that one needs, itself included."""
    found, todo = set(), [asked]
    while todo:
        if (one := todo.pop()) not in found:
            found.add(one)
            todo += requires.get(one, ())
    return found


def _sorted(
    decisions: dict[str, Decision], file: str, faults: Faults
) -> list[Decision]:
    sorter = TopologicalSorter(
        {
            name: [r for r in d.requires if r in decisions]
            for name, d in decisions.items()
        }
    )
    try:
        return [decisions[name] for name in sorter.static_order()]
    except CycleError as error:
        names = [decisions[name].name for name in reversed(error.args[1])]
        faults.add(Why.CYCLE, Place(file, names[0]), names=names)
        return []
