"""Packs to try things with: the shipped ones as copies, whose cells can be changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

from services.routing.dmn import Model, read_xml, write_xml
from services.routing.dmn.model import Decision, DecisionTable, Rule

REGIONS = resources.files("shared") / "regions"


def copied(folder: Path, *names: str) -> Path:
    """The named regions beside each other in a folder; the first one is returned."""
    for name in names:
        with resources.as_file(REGIONS / name) as shipped:
            shutil.copytree(shipped, folder / name)
    return folder / names[0]


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def change(folder: Path, made: Callable[[Model], Model]) -> None:
    """Write the tables of a folder anew."""
    file = folder / "routing.dmn"
    file.write_bytes(write_xml(made(read_xml(file.read_bytes(), file.name))))


def in_table(
    name: str, made: Callable[[DecisionTable], DecisionTable]
) -> Callable[[Model], Model]:
    def of_model(model: Model) -> Model:
        decisions = tuple(_changed(one, name, made) for one in model.decisions)
        assert decisions != model.decisions
        return replace(model, decisions=decisions)

    return of_model


def cell(table: str, row: str, column: str, text: str) -> Callable[[Model], Model]:
    """One cell: of an input by its expression, else of an output or annotation."""
    return in_table(table, lambda found: _with_cell(found, row, column, text))


def in_row(table: str, row: str, **changes: Any) -> Callable[[Model], Model]:
    """A rule with other fields, such as its id."""

    def of_table(found: DecisionTable) -> DecisionTable:
        rules = (replace(r, **changes) if r.id == row else r for r in found.rules)
        return replace(found, rules=tuple(rules))

    return in_table(table, of_table)


def _changed(
    one: Decision, name: str, made: Callable[[DecisionTable], DecisionTable]
) -> Decision:
    if one.name != name:
        return one
    assert isinstance(one.logic, DecisionTable)
    return replace(one, logic=made(one.logic))


def _with_cell(found: DecisionTable, row: str, column: str, text: str) -> DecisionTable:
    names = {
        "tests": [one.text for one in found.inputs],
        "outputs": [one.name for one in found.outputs],
        "annotations": list(found.annotations),
    }
    part = next(part for part, known in names.items() if column in known)
    place = names[part].index(column)

    def of_rule(rule: Rule) -> Rule:
        cells = list(getattr(rule, part))
        cells[place] = text
        return replace(rule, **{part: tuple(cells)}) if rule.id == row else rule

    return replace(found, rules=tuple(of_rule(rule) for rule in found.rules))
