"""Rule tables that would leave a dispute without an answer do not load."""

from __future__ import annotations

import shutil
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from services.routing.decider import Question
from services.routing.rules import RuleTables
from shared.events.facts import Facts
from shared.events.routing import Action
from shared.region import Region, RegionRefusedError

SAMPLE = resources.files("shared") / "regions" / "sample"

FAULTS = tomllib.loads(
    Path(__file__).with_name("routing_faults.toml").read_text("utf-8")
)


@pytest.fixture
def folder(tmp_path):
    with resources.as_file(SAMPLE) as sample:
        shutil.copytree(sample, tmp_path / "region")
    return tmp_path / "region"


def changed(folder: Path, old: str, new: str) -> Path:
    file = folder / "routing.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize("fault", FAULTS["fault"], ids=lambda fault: fault["name"])
def test_a_faulty_table_is_refused_by_the_name_of_its_row(folder, fault):
    changed(folder, fault["old"], fault["new"])
    with pytest.raises(RegionRefusedError) as refused:
        RuleTables.load(Region.load(folder))
    assert refused.value.file == "routing.toml"
    assert refused.value.row == fault["row"]
    assert fault["reason"] in refused.value.reason
    assert refused.value.remedy


def test_a_missing_file_is_refused_when_the_region_loads(folder):
    (folder / "routing.toml").unlink()
    with pytest.raises(RegionRefusedError, match=r"routing\.toml"):
        Region.load(folder)


def test_any_change_is_another_version(folder):
    before = RuleTables.load(Region.load(folder))
    directory = Region.load(folder).digest
    changed(folder, "三个工作日内确认", "三个工作日之内确认")
    after = RuleTables.load(Region.load(folder))
    assert before.version != after.version
    assert Region.load(folder).digest == directory


def test_conditions_can_be_listed():
    tables = RuleTables.load(Region.load("sample"))
    row = next(row for row in tables.way.rows if row.id == "W66")
    assert row.when.cells == (
        ("kind", ("marriage_family", "neighbour", "house_homestead")),
    )


def test_the_tables_answer_facts_with_a_decision_and_its_reasons():
    tables = RuleTables.load(Region.load("sample"))
    facts = Facts(
        source="police",
        sender="police-fengqiao",
        kind="neighbour",
        place="330681109201",
        persons=2,
        side=1,
        asked="referral",
    )
    decision = tables.decide(Question(reason="registered", facts=facts))
    assert decision.action is Action.OFFER
    assert decision.from_tier == "village"
    assert [(row.table, row.row) for row in decision.rows] == [
        ("severity", "S31"),
        ("way", "W66"),
        ("terms", "T99"),
        ("lead", "L50"),
        ("clocks", "C99"),
    ]
