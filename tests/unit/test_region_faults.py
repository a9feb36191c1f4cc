"""What a slip in a region's files is told as: once, where it is, in words of our own."""

import csv
import re
from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

from services.region_faults import in_language
from services.routing.importing.checking import check
from services.routing.importing.csv_file import csv_grid
from services.routing.importing.proposal import propose
from services.texts import text
from shared.region_acceptors import POST_COLUMNS
from shared.region_faults import RegionRefusedError
from shared.region_lineage import folder_of, lineage, read_head
from shared.region_rows import LATER
from shared.region_values import _WORDS

REGIONS = Path(__file__).parents[2] / "shared" / "regions"
DAY = date(2026, 3, 2)
ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]+")
POST = "pmc-village-fengxi,desk,,,2024-01-01,,,"


@pytest.fixture
def folder(tmp_path):
    """The sample region beside its baseline, with every column that there may be."""
    for name in ("baseline", "sample"):
        copytree(REGIONS / name, tmp_path / name)
    sample = tmp_path / "sample"
    change(sample / "bodies.csv", 0, dict.fromkeys(LATER, ""))
    lines = ",".join(POST_COLUMNS), POST
    (sample / "acceptors.csv").write_text("\n".join(lines), encoding="utf-8")
    return sample


def change(file, row, cells):
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    rows[row] |= cells
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[row]), "")
        writer.writeheader()
        writer.writerows(rows)


def edit(file, old, new):
    before = file.read_text(encoding="utf-8")
    assert old in before
    file.write_text(before.replace(old, new, 1), encoding="utf-8")


def told(folder):
    """Place and code of every fault; each is worded, and in Chinese in Chinese."""
    faults = check(folder, DAY).faults
    for fault in faults:
        assert not ENGLISH.search(in_language(fault, "zh")), in_language(fault, "zh")
        assert in_language(fault, "en")
    return [(f.file, f.row, f.column, f.why) for f in faults]


def test_every_fault_of_a_value_has_words():
    for code in _WORDS:
        assert all(text(f"region.{code}", language) for language in ("zh", "en"))


@pytest.mark.parametrize(
    ("file", "column", "cell", "why"),
    [
        ("divisions", "code", "乱写", "no-code"),
        ("divisions", "code", "", "value-missing"),
        ("divisions", "name", "", "value-missing"),
        ("divisions", "valid_from", "去年", "value-date"),
        ("divisions", "valid_to", "2024-13-45", "value-date"),
        ("divisions", "successor", "330699", "successor-missing"),
        ("bodies", "id", "", "value-missing"),
        ("bodies", "name", "", "value-missing"),
        ("bodies", "kind", "村的", "value-choice"),
        ("bodies", "tier", "村", "value-choice"),
        ("bodies", "place", "", "value-missing"),
        ("bodies", "place", "330699", "no-place"),
        ("bodies", "fields", "钓鱼", "no-kind"),
        ("bodies", "host", "nobody", "no-body"),
        ("bodies", "dispatcher", "也许", "value-yes-no"),
        ("bodies", "public", "也许", "value-yes-no"),
        ("bodies", "mediates", "也许", "value-yes-no"),
        ("bodies", "linkage", "也许", "value-yes-no"),
        ("bodies", "valid_from", "2024/1/1", "value-date"),
        ("bodies", "hours", "有空时", "value-hours"),
        ("bodies", "capacity", "很多", "value-number"),
        ("bodies", "capacity", "0", "value-number"),
        ("bodies", "chambers", "某商会", "value-code"),
        ("bodies", "grids", "某网格", "value-code"),
        ("channels", "body", "", "value-missing"),
        ("channels", "body", "nobody", "no-body"),
        ("channels", "kind", "飞鸽", "value-choice"),
        ("channels", "address", "", "value-missing"),
        ("senders", "body", "", "value-missing"),
        ("senders", "body", "nobody", "no-body"),
        ("senders", "source", "月亮", "value-choice"),
        ("acceptors", "body", "", "value-missing"),
        ("acceptors", "acceptor", "张样例", "value-code"),
        ("acceptors", "deputy_of", "张样例", "value-code"),
        ("acceptors", "channel", "飞鸽", "value-choice"),
        ("acceptors", "valid_from", "昨天", "value-date"),
        ("acceptors", "away_from", "昨天", "value-date"),
    ],
)
def test_one_wrong_cell_is_one_fault_at_its_place(folder, file, column, cell, why):
    row = 0 if file == "acceptors" else 2
    change(folder / f"{file}.csv", row, {column: cell})
    assert told(folder) == [(f"{file}.csv", f"row {row + 2}", column, why)]


@pytest.mark.parametrize(
    ("old", "new", "column", "why"),
    [
        ("valid_from = 2024-01-01", 'valid_from = "去年"', "valid_from", "value-date"),
        ('name = "基准规则"', "name = 5", "name", "value-text"),
        ('"baseline-2026.1"', '"a b"', "version", "value-name"),
        ("prefer = []", 'prefer = "先来"', "resolution.prefer", "value-list"),
        ("prefer = []", 'prefer = ["先来"]', "resolution.prefer.1", "value-choice"),
        ('"wait"', '"sleep"', "resolution.outside_hours", "value-choice"),
        ('"keep"', '"drop"', "taking_over.open_disputes", "value-choice"),
        (
            "amount = 24",
            "amount = 0",
            "profiles.police.first_clock.period.amount",
            "value-number",
        ),
        (
            '"hours" }',
            '"moons" }',
            "profiles.police.first_clock.period.unit",
            "value-choice",
        ),
        ("provisional = true", "provisional = 7", None, "value-yes-no"),
        ('source = "court"', "source = []", None, "value-choice"),
        ("[linkage]", "x = 1\n[linkage]", "x", "value-unknown"),
        ('code = "other"', 'code = "rest"', "", "no-other"),
    ],
)
def test_one_wrong_key_is_one_fault_with_its_path(folder, old, new, column, why):
    edit(folder.parent / "baseline" / "region.toml", old, new)
    ((file, _, found, code),) = told(folder)
    assert (file, code) == ("baseline/region.toml", why)
    assert column is None or found == column


@pytest.mark.parametrize("key", ["kinds", "profiles", "sources", "linkage", "tables"])
@pytest.mark.parametrize("value", ["5", "[5]", "[]", '"a"', "{}"])
def test_a_table_of_another_sort_is_told_and_breaks_nothing(folder, key, value):
    edit(folder / "region.toml", "inherits =", f"{key} = {value}\ninherits =")
    assert {why for file, _, _, why in told(folder)} <= {
        *("value-keys", "value-list", "value-missing"),
    }


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ('"' + "a" * 5000 + '"', "inherits"),
        ('""', "inherits"),
        ('"../baseline"', "inherits"),
        ('"a\\u0000b"', "inherits"),
        ("5", "inherits"),
        ('"atlantis"', "no-region"),
        ('"sample"', "inherits-circle"),
    ],
)
def test_a_region_inherits_from_what_there_is(folder, name, why):
    edit(folder / "region.toml", '"baseline"', name)
    ((_, _, _, code),) = told(folder)
    assert code == why
    with pytest.raises(RegionRefusedError) as refused:
        lineage(folder)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("name", ["a" * 5000, "/" + "b" * 5000, "a\0b", "/tmp/a\0b"])
def test_a_name_that_no_folder_can_have_is_refused(name):
    with pytest.raises(RegionRefusedError) as refused:
        folder_of(name)
    assert refused.value.why == "no-region"
    assert "baseline" in in_language(refused.value, "zh")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("x = " + "[" * 20_000 + "]" * 20_000, "toml-deep"),
        ("x = " + "{a=" * 20_000 + "1" + "}" * 20_000, "toml-deep"),
        (".".join(["a"] * 20_000) + " = 1", "toml-deep"),
        ("x = " + "9" * 5_000, "not-toml"),
        ("x = ", "not-toml"),
        ("\0", "not-toml"),
    ],
    ids=["lists", "tables", "dots", "digits", "unfinished", "nul"],
)
def test_toml_that_cannot_be_read_is_refused(folder, more, why):
    head = folder / "region.toml"
    head.write_text(f"{head.read_text(encoding='utf-8')}\n{more}", encoding="utf-8")
    assert told(folder) == [("region.toml", "the file", "", why)]
    with pytest.raises(RegionRefusedError):
        read_head(folder)


def test_toml_that_breaks_is_told_by_line_and_letter(folder):
    edit(folder / "region.toml", 'code = "sample"', "code = 样例")
    (fault,) = check(folder, DAY).faults
    assert "第 4 行第 8 个字" in in_language(fault, "zh")


# What only repeats another fault is not told


@pytest.mark.parametrize("file", ["divisions.csv", "bodies.csv", "channels.csv"])
@pytest.mark.parametrize("content", [None, b"a,b\n1,2\n", b"\xff\xfe", b'"'])
def test_a_file_that_cannot_be_read_blames_no_other(folder, file, content):
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    assert [fault[0] for fault in told(folder)] == [file]


def test_rows_without_a_name_may_be_those_that_others_miss(folder):
    change(folder / "bodies.csv", 2, {"id": ""})
    change(folder / "bodies.csv", 3, {"id": ""})
    change(folder / "channels.csv", 5, {"body": "nobody"})
    change(folder / "senders.csv", 0, {"body": "nobody"})
    change(folder / "senders.csv", 1, {"body": "nobody-else"})
    whys = [fault[3] for fault in told(folder)]
    assert whys.count("value-missing") == 2
    assert whys.count("no-body") > 2  # more are missing than have lost their names


def test_a_body_that_moved_to_another_name_is_told_wherever_it_is_named(folder):
    change(folder / "bodies.csv", 2, {"id": "pmc-renamed"})
    assert {fault[3] for fault in told(folder)} == {"no-body"}


# Tables that clerks send

BODIES = "机构编号,机构名称,英文名称,机构类型,层级,所在区划,公共机构,生效日期"
NEW = "pmc-new,新会,New,商会调委会,乡镇,330681109,否,2024-01-01"
OLD = NEW.replace("pmc-new", "pmc-fengqiao")


def proposed(folder, *lines):
    path = folder.parent / "table.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    faults = propose(folder, [csv_grid(path)], DAY).faults
    assert not any(ENGLISH.search(in_language(fault, "zh")) for fault in faults)
    return [(f.file, f.row, f.column, f.why) for f in faults]


@pytest.mark.parametrize(
    ("line", "column", "why"),
    [
        (NEW.replace("2024-01-01", "去年"), "valid_from", "value-date"),
        (OLD.replace("2024-01-01", "2024/1/1"), "valid_from", "value-date"),
        (OLD.replace("商会调委会", "村的"), "kind", "value-choice"),
        (OLD.replace("pmc-fengqiao", ""), "id", "value-missing"),
        (OLD + ",多", "", "too-wide"),
    ],
)
def test_one_bad_row_of_a_table_is_one_fault(folder, line, column, why):
    assert proposed(folder, BODIES, line) == [("table.csv", "row 2", column, why)]


def test_a_word_that_cannot_be_used_is_told_with_those_a_table_may_say(folder):
    path = folder.parent / "table.csv"
    path.write_text(f"{BODIES}\n{OLD.replace('乡镇', '镇')}", encoding="utf-8")
    (fault,) = propose(folder, [csv_grid(path)], DAY).faults
    assert "“镇”不能用。可用：网格, 村, " in in_language(fault, "zh")


def test_rows_without_a_name_are_no_doubles(folder):
    nameless = OLD.replace("pmc-fengqiao", "")
    assert proposed(folder, BODIES, nameless, nameless) == [
        ("table.csv", f"row {row}", "id", "value-missing") for row in (2, 3)
    ]


def test_a_post_that_cannot_be_read_is_not_told_again_by_its_deputy(folder):
    head = "机构编号,签收岗位,代班岗位,生效日期"
    rows = "pmc-fengqiao,a,,昨天", "pmc-fengqiao,b,a,2024-01-01"
    assert proposed(folder, head, *rows) == [
        ("table.csv", "row 2", "valid_from", "value-date")
    ]
