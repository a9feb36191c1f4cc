"""A pack that would leave a dispute without an answer does not load, nor by halves."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from services.routing.dmn import DmnRefusedError, read_xml, write_xlsx
from services.routing.dmn.model import HitPolicy, InputColumn
from services.routing.packs import Pack, Shelf
from shared.region import Region, RegionRefusedError
from tests.unit.packs_given import cell, change, copied, edit, in_row, in_table

FAULTS = tomllib.loads(
    Path(__file__).with_name("routing_faults.toml").read_text("utf-8")
)


@pytest.fixture
def folder(tmp_path):
    """A copy of the baseline."""
    return copied(tmp_path, "baseline")


@pytest.fixture
def sample(tmp_path):
    """A copy of the sample region, beside the baseline that it inherits from."""
    return copied(tmp_path, "sample", "baseline")


def refusal(folder: Path) -> DmnRefusedError:
    with pytest.raises(DmnRefusedError) as refused:
        Pack.load(folder)
    for fault in refused.value.faults:
        assert all(fault.words(language) for language in ("zh", "en"))
    return refused.value


def reasons(folder: Path) -> list[tuple[str, str]]:
    return [(f.why, f.place.decision) for f in refusal(folder).faults]


@pytest.mark.parametrize("fault", FAULTS["fault"], ids=lambda fault: fault["name"])
def test_a_faulty_cell_is_refused_with_its_place(folder, fault):
    change(folder, cell(*fault["cell"]))
    (found,) = refusal(folder).faults
    place = found.place
    assert (place.file, place.decision) == ("baseline/routing.dmn", fault["cell"][0])
    assert (place.row, place.column) == (fault["row"], fault.get("column", ""))
    assert found.why == fault["why"]


def test_a_fault_in_what_is_inherited_is_told_from_there(sample):
    change(sample.parent / "baseline", cell("way", "W10", "reason", '"nobody"'))
    assert refusal(sample).faults[0].place.file == "baseline/routing.dmn"


def test_an_id_that_is_taken_is_refused(folder):
    change(folder, in_row("way", "W11", id="W10"))
    assert refusal(folder).faults[0].facts == {"name": "W10"}


def test_a_row_without_an_id_is_refused(folder):
    change(folder, in_row("way", "W11", id=""))
    assert ("pack.no-row-id", "way") in reasons(folder)


def test_a_column_that_does_not_exist_is_refused(folder):
    def renamed(table):
        first = replace(table.inputs[0], text="weather")
        return replace(table, inputs=(first, *table.inputs[1:]))

    change(folder, in_table("way", renamed))
    assert ("unknown-name", "way") in reasons(folder)


def test_a_table_that_is_missing_is_refused(folder):
    change(folder, lambda m: replace(m, decisions=m.decisions[:-1]))
    assert reasons(folder) == [("pack.missing-table", "nobody")]


def test_a_policy_with_several_answers_is_refused(folder):
    change(folder, in_table("lead", lambda t: replace(t, policy=HitPolicy.RULE_ORDER)))
    assert reasons(folder) == [("pack.policy", "lead")]


def test_what_is_no_xml_is_refused(folder):
    edit(folder, "routing.dmn", "</decisionTable>", "")
    assert reasons(folder) == [("broken-xml", "")]


def test_a_pack_without_tables_is_refused(folder):
    (folder / "routing.dmn").unlink()
    assert reasons(folder) == [("pack.no-file", "")]


def test_tables_in_two_formats_are_refused(folder):
    (folder / "routing.xlsx").write_bytes(write_xlsx(Pack.load(folder).model))
    assert reasons(folder) == [("pack.two-files", "")]


def test_tables_from_excel_decide_alike(folder):
    model = Pack.load(folder).model
    before = Pack.load(folder).digest
    (folder / "routing.dmn").unlink()
    (folder / "routing.xlsx").write_bytes(write_xlsx(model))
    assert Pack.load(folder).digest == before


def test_a_wrong_word_is_told_with_the_three_nearest(folder):
    change(folder, cell("lead", "L40", "bodies", '"pmc_vilage PMC_COUNTY"'))
    (fault,) = refusal(folder).faults
    assert fault.facts["word"] == "pmc_vilage"
    assert fault.facts["near"][0] == "PMC_VILLAGE"
    assert len(fault.facts["near"]) == 3
    for language in ("zh", "en"):
        assert "pmc_vilage" in fault.told(language)
        assert "主办机构类型" in fault.told(language)
        assert "Input should be" not in fault.told(language)


def test_a_word_that_fits_none_of_several_lists_is_told_once(folder):
    def open_to_any(table):
        outputs = (replace(one, allowed="") for one in table.outputs)
        return replace(table, outputs=tuple(outputs))

    change(folder, in_table("way", open_to_any))
    change(folder, cell("way", "W21", "handoff", '"as_aksed"'))
    (fault,) = refusal(folder).faults
    assert (fault.why, fault.facts["near"][0]) == ("pack.unknown-word", "as_asked")


def test_faults_of_conditions_and_of_answers_are_told_together(folder):
    change(folder, cell("way", "W12", "kind", '"neighbor"'))
    change(folder, cell("way", "W10", "routes", '"duel"'))
    change(folder, cell("lead", "L40", "bodies", '"PMC_MOON"'))
    assert sorted(reasons(folder)) == [
        ("not-allowed", "way"),
        ("pack.unknown-word", "lead"),
        ("pack.unknown-word", "way"),
    ]


# What a region changes of what it inherits


@pytest.mark.parametrize("policy", [HitPolicy.UNIQUE, HitPolicy.COLLECT])
def test_a_hit_policy_other_than_the_parents_is_refused(sample, policy):
    change(sample, in_table("lead", lambda t: replace(t, policy=policy)))
    (fault,) = refusal(sample).faults
    assert fault.why == "pack.other-policy"
    assert (fault.place.file, fault.place.decision) == ("sample/routing.dmn", "lead")
    assert fault.facts == {"found": policy[0], "above": "F"}


def test_a_row_without_an_id_is_told_with_all_that_is_wrong_with_it(sample):
    first = _first_row(sample, "lead")
    change(sample, cell("lead", first, "legal basis", ""))
    change(sample, cell("lead", first, "bodies", '"PMC_MOON"'))
    change(sample, in_row("lead", first, id=""))
    assert sorted((f.why, f.place.row) for f in refusal(sample).faults) == [
        ("missing-annotation", "1"),
        ("pack.no-row-id", "1"),
        ("pack.unknown-word", "1"),
    ]


def test_an_id_that_stands_twice_in_a_table_of_a_region_is_refused(sample):
    def doubled(table):
        return replace(table, rules=(table.rules[0], *table.rules))

    change(sample, in_table("lead", doubled))
    assert ("duplicate-id", "lead") in reasons(sample)


def _first_row(folder, name):
    model = read_xml((folder / "routing.dmn").read_bytes(), "routing.dmn")
    return next(d for d in model.decisions if d.name == name).logic.rules[0].id


def test_a_condition_on_what_is_answered_later_is_refused(sample):
    def with_clocks(table):
        rules = (replace(r, tests=(*r.tests, '"CT-01"')) for r in table.rules)
        column = InputColumn("clocks", "string", "期限")
        return replace(table, inputs=(*table.inputs, column), rules=tuple(rules))

    baseline = sample.parent / "baseline"
    change(baseline, lambda m: replace(m, decisions=_needing(m, "clocks", "lead")))
    change(sample, in_table("lead", with_clocks))
    assert "cycle" in {why for why, _ in reasons(sample)}


def _needing(model, name, needed):
    return tuple(
        replace(d, requires=(*d.requires, needed)) if d.name == name else d
        for d in model.decisions
    )


def test_a_column_that_the_graph_does_not_know_is_refused(sample):
    def renamed(table):
        first = replace(table.inputs[0], text="weather")
        return replace(table, inputs=(first, *table.inputs[1:]))

    change(sample, in_table("lead", renamed))
    (fault,) = refusal(sample).faults
    assert (fault.why, fault.place.column) == ("pack.unknown-column", "weather")
    assert fault.place.file == "sample/routing.dmn"


def test_an_output_that_is_left_out_is_refused(sample):
    def shorter(table):
        rules = (replace(r, outputs=r.outputs[:1]) for r in table.rules)
        return replace(table, outputs=table.outputs[:1], rules=tuple(rules))

    change(sample, in_table("lead", shorter))
    (fault,) = refusal(sample).faults
    assert (fault.why, fault.place.column) == ("pack.missing-output", "co_handlers")


def test_a_table_that_is_not_inherited_is_refused(sample):
    def named(model):
        return replace(
            model, decisions=tuple(replace(d, name="somebody") for d in model.decisions)
        )

    change(sample, named)
    assert reasons(sample) == [("pack.unknown-table", "somebody")]


def test_a_place_outside_the_region_is_refused(sample):
    change(sample, cell("lead", "L20", "county", '["110000".."110199"]'))
    with pytest.raises(DmnRefusedError) as refused:
        Shelf.shipped(Region.load(sample))
    (fault,) = refused.value.faults
    assert (fault.why, fault.place.row) == ("pack.unknown-place", "1 (L20)")


@pytest.mark.parametrize(
    ("table", "row", "why"),
    [
        ("lead", "L404", "pack.unknown-row"),
        ("somebody", "L60", "pack.unknown-table"),
    ],
)
def test_what_cannot_be_left_out_is_refused(sample, table, row, why):
    omit(sample, table, row)
    assert refusal(sample).faults[0].why == why


def test_whether_every_dispute_has_an_answer_is_no_condition_of_loading(sample):
    """It is proved, and a proof shows the dispute that has none."""
    omit(sample, "terms", "T99")
    assert "T99" not in {row.id for row in Pack.load(sample).tables["terms"].rows}


def omit(folder, table, row):
    left_out = f'\n[tables.{table}]\nomit = ["{row}"]\n'
    first = "valid_from = 2024-01-01"
    edit(folder, "region.toml", first, f"{first}{left_out}")


# The other files of a pack


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "reason"),
    [
        ("clocks.csv", "working_days", "moons", "row 2", "unit"),
        ("clocks.csv", "CT-04,answer,3", "CT-04,answer,0", "row 2", "amount"),
        ("clocks.csv", "人民法院在线调解规则第12条", "", "row 2", "legal_basis"),
        ("clocks.csv", "PT-04", "CT-04", "row 3", "CT-04 stands there twice"),
        ("clocks.csv", ",appraisal,", ",lunch,", "row 12", "pauses"),
        ("clocks.csv", "superior+30", "neighbour+30", "row 12", "extension"),
        ("handoffs.csv", "parties,yes", "everybody,yes", "row 2", "consent"),
        ("handoffs.csv", "entrusted_mediation", "referral", "row 3", "twice"),
        ("handoffs.csv", "kind,zh", "kind,name", "header", "name"),
    ],
)
def test_a_faulty_row_of_other_files_is_refused(folder, file, old, new, row, reason):
    edit(folder, file, old, new)
    with pytest.raises(RegionRefusedError) as refused:
        Pack.load(folder)
    assert (refused.value.file, refused.value.row) == (file, row)
    assert reason in refused.value.reason
    assert refused.value.remedy


def test_a_limit_that_lapses_although_nothing_waits_for_an_answer_is_refused(folder):
    edit(folder, "clocks.csv", "accepted,,,supervise,民", "accepted,,,lapse,民")
    assert reasons(folder) == [("pack.only-answers-lapse", "clocks")]


def test_a_way_of_handing_on_that_is_missing_is_refused(folder):
    file = folder / "handoffs.csv"
    lines = file.read_text("utf-8").splitlines()
    kept = (line for line in lines if not line.startswith("escalate,"))
    file.write_text("\n".join(kept), "utf-8")
    assert reasons(folder) == [("pack.missing-handoff", "")]


@pytest.mark.parametrize(
    ("old", "new", "row", "reason"),
    [
        ("from = 2024-01-01", "from = 2023-12-31", "valid_from", "before baseline"),
        (
            "from = 2024-01-01",
            "from = 2024-01-01\nvalid_to = 2023-01-01",
            "valid_to",
            "ends before it begins",
        ),
        ('"baseline"', '"sample"', "inherits", "circle"),
        ('"baseline"', '"../baseline"', "inherits", "no name of a region"),
        ('"baseline"', '"atlantis"', "the folder", "there is none"),
        ('"sample-2026.1"', '"sample 2026"', "the file", "version"),
        ("[tables", "[table", "the file", "table"),
    ],
)
def test_a_faulty_head_is_refused(sample, old, new, row, reason):
    edit(
        sample,
        "region.toml",
        "valid_from = 2024-01-01",
        "valid_from = 2024-01-01\n\n[tables.lead]\nomit = []",
    )
    edit(sample, "region.toml", old, new)
    with pytest.raises(RegionRefusedError) as refused:
        Pack.load(sample)
    assert refused.value.row == row
    assert reason in refused.value.reason
