"""Rule tables that would leave a dispute without an answer do not load."""

from __future__ import annotations

import shutil
from importlib import resources
from pathlib import Path

import pytest

from services.routing.decider import Question
from services.routing.rules import RuleTables
from shared.events.facts import Facts
from shared.events.routing import Action
from shared.region import Region, RegionRefusedError

SAMPLE = resources.files("shared") / "regions" / "sample"

WHOLE = """
[[{table}]]
id = "{id}"
zh = "任何纠纷"
en = "any dispute"
legal_basis = "design default"
"""


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


def refusal(folder: Path) -> RegionRefusedError:
    region = Region.load(folder)
    with pytest.raises(RegionRefusedError) as refused:
        RuleTables.load(region)
    assert refused.value.file == "routing.toml"
    assert refused.value.remedy
    return refused.value


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ("when.reason", "when.weather", "way W10", "weather"),
        ('["party_refused",', '["party_laughed",', "way W10", "party_refused"),
        ('id = "W11"', 'id = "W10"', "way W10", "the id is taken"),
        ('"labour_other", "wage', '"labor", "wage', "way W12", "kind labor"),
        ("when.side_at_least = 10", "when.side_at_least = 0", "severity S11", "side"),
        ('when.flags_any = ["group"]', "when.flags_any = []", "severity S10", "flags"),
        ('when.place_prefix = ["6523"]', 'when.place_prefix = ["11"]', "lead L20", "11"),
        ('amount = 3, unit = "working_days"', 'amount = 3, unit = "moons"', "terms T10", "unit"),
        ('on_breach = "supervise"', 'on_breach = "lapse"', "clocks C10", "lapse"),
        ('name = "docketing"', 'name = "waiting"', "clocks C10", "name"),
        ('then.routes = ["labour_arbitration", "court"', 'then.routes = ["duel"', "way W12", "routes"),
        ('then.action = "law"\n', 'then.action = "stay"\n', "way W12", "routes belongs to"),
        ('then.severity = "major"', 'when.handoff = ["forward"]\nthen.severity = "major"', "severity S10", "handoff is not known yet"),
        ('legal_basis = "design default; 人数', 'basis = "design default; 人数', "severity S10", "legal_basis"),
    ],
)  # fmt: skip
def test_a_faulty_row_is_refused_by_its_name(folder, old, new, row, reason):
    refused = refusal(changed(folder, old, new))
    assert refused.row == row
    assert reason in refused.reason


def test_a_table_whose_last_row_has_a_condition_is_refused(folder):
    changed(folder, 'then.severity = "general"\n\n\n', 'when.kind = ["other"]\nthen.severity = "general"\n\n\n')  # fmt: skip
    refused = refusal(folder)
    assert refused.row == "severity S99"
    assert "some dispute has no answer" in refused.reason


def test_a_row_behind_one_that_matches_everything_is_refused(folder):
    first = WHOLE.format(table="terms", id="T00") + (
        'then.answer = { amount = 1, unit = "hours" }\n'
    )
    changed(folder, '[[terms]]\nid = "T10"', f'{first}\n[[terms]]\nid = "T10"')
    refused = refusal(folder)
    assert refused.row == "terms T10"
    assert "never reached" in refused.reason


def test_a_missing_table_is_refused(folder):
    file = folder / "routing.toml"
    file.write_text(file.read_text("utf-8").replace("[[nobody]]", "[[somebody]]"))
    assert refusal(folder).row == "somebody"


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
