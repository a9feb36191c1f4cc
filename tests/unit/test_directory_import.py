"""Directories as tables of clerks: all faults at once, and versions that are kept."""

from __future__ import annotations

import tomllib
from datetime import date
from importlib import resources
from io import BytesIO

import openpyxl
import pytest
from typer.testing import CliRunner

from services.cli.directory import app
from services.cli.spreadsheets import grids_of
from services.cli.words import in_words
from services.region_faults import told
from services.routing.importing.checking import check, read
from services.routing.importing.comparing import differences
from services.routing.importing.csv_file import csv_grid
from services.routing.importing.exporting import exported
from services.routing.importing.proposal import propose
from services.routing.importing.titles import forms
from services.routing.importing.versions import publish, versions
from services.texts import text
from shared.bodies import BodyKind, ChannelKind
from shared.events.vocabulary import Source, Tier
from shared.region import Region, RegionRefusedError
from tests.unit.directory_given import add, edit, sample_in

DAY = date(2026, 3, 2)
BODIES = "机构编号,机构名称,英文名称,机构类型,层级,所在区划,专办类别,公共机构,生效日期"
WAYS = "机构编号,渠道,地址"


@pytest.fixture
def folder(tmp_path):
    return sample_in(tmp_path)


def table(tmp_path, *lines, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return [csv_grid(path)]


def workbook(tmp_path, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "table.xlsx")
    return tmp_path / "table.xlsx"


def why(faults):
    return [(fault.file, fault.row, fault.column, fault.why) for fault in faults]


# What is refused, with its place


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        # successors in a circle, told once
        (
            "divisions.csv",
            "枫东样例村,Fengdong Sample Village,2018-01-01,,",
            "枫东样例村,Fengdong Sample Village,2018-01-01,2023-12-31,330681109203",
            ("divisions.csv", "row 7", "successor", "circle"),
        ),
        # an ended code that leads nowhere
        (
            "divisions.csv",
            "2023-12-31,330681109202",
            "2023-12-31,",
            ("divisions.csv", "row 8", "successor", "dead"),
        ),
        # the code that took it over began only later
        (
            "divisions.csv",
            "330681109202,枫东样例村,Fengdong Sample Village,2018-01-01",
            "330681109202,枫东样例村,Fengdong Sample Village,2024-02-01",
            ("divisions.csv", "row 8", "successor", "gap"),
        ),
        # hosts in a circle
        (
            "bodies.csv",
            "police-fengqiao,pmc-fengqiao",
            "room-police-fengqiao,pmc-fengqiao",
            ("bodies.csv", "row 5", "host", "circle"),
        ),
        # a body in force at a code that is not
        (
            "bodies.csv",
            "village,330681109201",
            "village,330681109203",
            ("bodies.csv", "row 2", "place", "outlives-place"),
        ),
        # a body older than its place
        (
            "divisions.csv",
            "330681109201,枫西样例村,Fengxi Sample Village,2018-01-01",
            "330681109201,枫西样例村,Fengxi Sample Village,2025-01-01",
            ("bodies.csv", "row 2", "valid_from", "before-place"),
        ),
    ],
)
def test_a_directory_that_would_lose_disputes_is_refused(
    folder, file, old, new, expected
):
    edit(folder, file, old, new)
    assert expected in why(check(folder, DAY).faults)
    with pytest.raises(RegionRefusedError):
        Region.load(folder)


def test_a_region_without_a_county_is_refused(folder):
    text = (folder / "divisions.csv").read_text("utf-8").splitlines()
    none = [line for line in text if line[:6] in ("code,n", "330000", "330600")]
    (folder / "divisions.csv").write_text("\n".join(none), "utf-8")
    with pytest.raises(RegionRefusedError) as refused:
        Region.load(folder)
    assert refused.value.why == "no-county"


def test_a_municipality_needs_no_prefecture(folder):
    add(folder, "divisions.csv", "110000,北京市,Beijing,2000-01-01,,,")
    add(folder, "divisions.csv", "110101,东城区,Dongcheng,2000-01-01,,,")
    assert Region.load(folder).divisions.get("110101", DAY).name == "东城区"


def test_a_county_without_anybody_who_designates_is_told(folder):
    add(folder, "divisions.csv", "330682,上虞,Shangyu,2000-01-01,,,")
    assert why(check(folder, DAY).faults) == [
        ("divisions.csv", "330682", "", "no-designator")
    ]


def test_all_faults_of_all_files_are_told_at_once_in_both_languages(folder):
    edit(folder, "divisions.csv", "2023-12-31,330681109202", "2023-12-31,")
    edit(folder, "bodies.csv", "village,330681109201", "village,330681109299")
    edit(folder, "bodies.csv", "PMC_TOWNSHIP", "PMC_HAMLET")
    edit(folder, "channels.csv", ",file,", ",pigeon,")
    faults = check(folder, DAY).faults
    assert [fault[::3] for fault in why(faults)][:4] == [
        ("divisions.csv", "dead"),
        ("bodies.csv", "no-place"),
        ("bodies.csv", "value-choice"),
        ("channels.csv", "value-choice"),
    ]
    with pytest.raises(RegionRefusedError) as refused:
        read(folder)
    words = told(refused.value)
    assert len(words) == len(faults)
    assert words[0]["zh"].startswith(
        "divisions.csv，第8行，successor 列：代码 330681109203"
    )
    assert words[0]["en"].startswith("divisions.csv, row 8, column successor: Code")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["nobody,desk,,,2024-01-01,,,"], ("row 2", "body", "no-body")),
        (["pmc-fengqiao,张样例,,,2024-01-01,,,"], ("row 2", "acceptor", "value-code")),
        (["pmc-fengqiao,a,b,,2024-01-01,,,"], ("row 2", "deputy_of", "no-post")),
        (["pmc-fengqiao,a,a,,2024-01-01,,,"], ("row 2", "deputy_of", "circle")),
        (
            ["pmc-fengqiao,a,,,2024-01-01,,2026-01-02,2026-01-01"],
            ("row 2", "away_to", "ends-before"),
        ),
        (
            ["pmc-fengqiao,a,,,2024-01-01,,,", "pmc-fengqiao,a,,,2024-01-01,,,"],
            ("row 3", "acceptor", "double"),
        ),
        (
            [
                "pmc-fengqiao,a,,,2024-01-01,,2026-01-02,",
                "pmc-fengqiao,a,,,2024-02-01,,2026-03-02,",
            ],
            ("row 3", "acceptor", "post-differs"),
        ),
        (
            ["pmc-fengqiao,a,,pigeon:x,2024-01-01,,,"],
            ("row 2", "channel", "value-choice"),
        ),
    ],
)
def test_posts_that_cannot_be_are_refused(folder, rows, expected):
    head = "body,acceptor,deputy_of,channel,valid_from,valid_to,away_from,away_to"
    add(folder, "acceptors.csv", head, *rows)
    assert ("acceptors.csv", *expected) in why(check(folder, DAY).faults)


def test_a_member_of_what_nobody_is_for_is_refused(folder):
    head = "organisation,member_of,valid_from,valid_to"
    add(folder, "members.csv", head, "firm-1,chamber,2024-01-01,")
    assert why(check(folder, DAY).faults) == [
        ("members.csv", "row 2", "member_of", "no-chamber")
    ]


# What clerks send


def test_a_table_with_chinese_titles_and_words_is_a_directory(folder, tmp_path):
    grids = table(
        tmp_path,
        "某县机构名录,,,,,,,,",
        BODIES,
        "pmc-new,枫桥样例商会调委会,Chamber,商会调委会,乡镇,330681109,"
        "医疗纠纷、物业纠纷,否,2024-01-01",
        encoding="gb18030",
    )
    grids += table(tmp_path, WAYS, "pmc-new,文件,pmc-new", name="ways.csv")
    found = propose(folder, grids, DAY)
    assert found.faults == ()
    publish(folder, found.files)
    body = Region.load(folder).bodies["pmc-new"]
    assert (body.kind, body.tier) == (BodyKind.PMC_SOCIAL, Tier.TOWN)
    assert body.fields == {"medical", "property_management"}
    assert body.public is False


def test_dates_and_long_codes_of_a_workbook_are_read_as_they_show(folder, tmp_path):
    head = ["机构编号", "签收岗位", "生效日期", "缺勤开始"]
    code = ["区划代码", "区划名称", "英文名称", "生效日期", "备注"]
    path = workbook(
        tmp_path,
        说明=[["请各单位填写"]],
        岗位=[head, ["pmc-fengqiao", "desk", date(2024, 1, 1), date(2026, 3, 1)]],
        区划=[code, [330681109204, "新样例村", "New", date(2024, 1, 1), None]],
    )
    found = propose(folder, grids_of(path), DAY)
    assert found.faults == ()
    assert (found.added, found.checked.asleep) == (
        {"acceptors.csv": 1, "divisions.csv": 1},
        ("pmc-fengqiao",),
    )
    assert "330681109204,新样例村,New,2024-01-01" in found.files["divisions.csv"]


def test_faults_name_the_row_of_the_table_that_was_sent(folder, tmp_path):
    grids = table(
        tmp_path,
        "机构名录,,,,,,,,",
        BODIES,
        "pmc-fengqiao,枫桥,Fengqiao,乡镇调委会,乡镇,330681999,,否,2024-01-01",
        "pmc-b,枫桥,Fengqiao,村委会,村,330681109201,钓鱼纠纷,否,2024-01-01",
        "pmc-b,枫桥,Fengqiao,村调委会,村,330681109201,,否,2024-01-01",
    )
    found = why(propose(folder, grids, DAY).faults)
    assert ("table.csv", "row 5", "id", "double") in found
    assert ("table.csv", "row 3", "place", "no-place") in found
    assert ("channels.csv", "the file", "body", "no-way") in found


def test_a_clerk_changes_only_what_lies_in_the_own_county(folder, tmp_path):
    grids = table(
        tmp_path,
        WAYS,
        "pmc-fengqiao,文件,elsewhere",
        "pmc-village-mahe,文件,own",
    )
    assert why(propose(folder, grids, DAY, at="652324").faults) == [
        ("table.csv", "row 2", "body", "not-inside")
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a,b,c", "1,2,3"], ("header", "", "no-sheet")),
        ([], ("header", "", "no-sheet")),
        ([f"{WAYS},电话", "pmc-fengqiao,文件,x,1"], ("row 1", "", "title")),
        ([f"{WAYS},渠道", "pmc-fengqiao,文件,x,文件"], ("row 1", "", "title-twice")),
    ],
)
def test_a_table_that_is_none_is_told(folder, tmp_path, lines, expected):
    found = propose(folder, table(tmp_path, *lines), DAY)
    assert ("table.csv", *expected) in why(found.faults)


def test_a_formula_is_never_content(folder, tmp_path):
    path = workbook(tmp_path, ways=[WAYS.split(","), ["pmc-fengqiao", "文件", "=A1"]])
    found = propose(folder, grids_of(path), DAY)
    assert why(found.faults) == [("table.xlsx#ways", "row 2", "address", "formula")]


def test_a_cell_that_cannot_be_taken_is_told_once(folder, tmp_path):
    cells = ["pmc-new", "新会", "New", "=A1", "乡镇", "=A1", "", "否", "2024-01-01"]
    path = workbook(tmp_path, bodies=[BODIES.split(","), cells])
    found = propose(folder, grids_of(path), DAY)
    assert why(found.faults) == [
        ("table.xlsx#bodies", "row 2", "kind", "formula"),
        ("table.xlsx#bodies", "row 2", "place", "formula"),
    ]


# Versions


def test_what_was_exported_comes_back_and_changes_nothing(folder, tmp_path):
    (tmp_path / "all.xlsx").write_bytes(exported(folder))
    found = propose(folder, grids_of(tmp_path / "all.xlsx"), DAY)
    assert (found.faults, found.files) == ((), {})


def test_the_former_version_is_kept_whole_and_can_be_compared(folder, tmp_path):
    before = Region.load(folder)
    ended = (folder / "bodies.csv").read_text("utf-8").splitlines()[1].split(",")
    row = {"机构编号": ended[0], "机构名称": "改名", "英文名称": ended[2]}
    row |= {"机构类型": ended[3], "层级": ended[4], "所在区划": ended[5]}
    row |= {"生效日期": "2024-01-01", "停用日期": "2026-12-31"}
    found = propose(folder, table(tmp_path, ",".join(row), ",".join(row.values())), DAY)
    publish(folder, found.files)
    now, former = versions(folder)
    assert (now.in_force, former.in_force) == (True, False)
    assert now.digest == Region.load(folder).digest == found.checked.digest
    assert Region.load(former.folder).digest == former.digest == before.digest
    change = differences(read(former.folder), read(folder))
    assert change.ended == ("pmc-village-fengxi",)
    assert [(c.id, c.field, c.after) for c in change.changed] == [
        ("pmc-village-fengxi", "name", "改名")
    ]
    assert differences(read(folder), read(folder)).is_empty


def test_publishing_again_makes_no_other_version(folder, tmp_path):
    found = propose(folder, table(tmp_path, WAYS, "pmc-fengqiao,邮件,a@b.invalid"), DAY)
    first, second = publish(folder, found.files), publish(folder, found.files)
    assert first.digest == second.digest
    assert len(list(versions(folder))) == 2
    ways = Region.load(folder).channels("pmc-fengqiao")
    assert ways[-1].address == "a@b.invalid"


def test_a_region_that_inherits_from_one_beside_it_is_published_too(folder, tmp_path):
    child = tmp_path / "child"
    child.mkdir()
    for name in ("divisions.csv", "bodies.csv", "channels.csv", "senders.csv"):
        (child / name).write_bytes((folder / name).read_bytes())
    head = 'code = "c"\nname = "c"\nname_en = "c"\nvalid_from = 2024-01-01\n'
    (child / "region.toml").write_text(f'inherits = "sample"\n{head}', "utf-8")
    digest = Region.load(child).digest
    found = propose(child, table(tmp_path, WAYS, "pmc-fengqiao,邮件,a@b.invalid"), DAY)
    publish(child, found.files)
    _, former = versions(child)
    assert Region.load(former.folder).digest == digest


# The words


def test_every_word_of_a_table_is_one_of_the_files():
    file = resources.files("services.routing.importing") / "titles.toml"
    words = tomllib.loads(file.read_text("utf-8"))["words"]
    assert set(words["kind"].values()) == {*BodyKind}
    assert set(words["tier"].values()) == {*Tier}
    assert set(words["source"].values()) == {*Source}
    assert set(words["channel"].values()) == {*ChannelKind}


def test_no_two_columns_of_a_table_are_called_the_same():
    for form in forms():
        said = [title for titles in form.titles.values() for title in titles]
        assert len(said) == len({*said})


def test_every_fault_has_words():
    for code in ("dead", "gap", "circle", "no-county", "no-designator", "not-inside"):
        assert text(f"region.{code}", "zh") != text(f"region.{code}", "en")


# On the command line


def run(*args):
    return CliRunner().invoke(app, [*map(str, args)])


def test_the_command_line_checks_imports_and_lists(folder, tmp_path):
    table(tmp_path, WAYS, "pmc-fengqiao,邮件,a@b.invalid")
    into = ["--into", folder, "--day", "2026-03-02"]
    assert run("import", tmp_path / "table.csv", *into, "--dry-run").exit_code == 0
    assert not (folder / "versions").exists()
    assert run("import", tmp_path / "table.csv", *into).exit_code == 0
    assert "✓" in run("versions", folder).stdout
    assert "channels" in run("diff", "sample", folder).stdout


def test_a_refused_table_changes_nothing_and_needs_a_person(folder, tmp_path):
    table(tmp_path, WAYS, "nobody,邮件,a@b.invalid")
    before = Region.load(folder).digest
    done = run("import", tmp_path / "table.csv", "--into", folder)
    assert done.exit_code == 3
    assert "table.csv，第2行，“机构编号”列（body）" in done.stdout
    assert Region.load(folder).digest == before


def test_a_refusal_names_sheet_and_column_as_the_clerk_does(folder, tmp_path):
    cells = ["pmc-fengqiao", "枫桥镇", "Town", "乡镇调委会", "乡镇", "330681999"]
    titles = ["机构编号", "单位名称", "英文名称", "类型", "层级", "区划代码"]
    more = ["机构编号", "公共机构", "成立日期"]
    path = workbook(
        tmp_path,
        机构=[[*titles, *more[1:]], [*cells, "也许", "2024-01-01"]],
        新机构=[[*titles, *more[1:]], ["pmc-new", *cells[1:5], "330681109", "否", ""]],
    )
    done = run("check", path, "--region", folder)
    said = "".join(done.stdout.split("\n"))
    assert "table.xlsx（工作表“机构”），第2行，“公共机构”列（public）：" in said
    assert "table.xlsx（工作表“新机构”），第2行，“成立日期”列（valid_from）：" in said
    assert "(sheet “机构”), row 2, column “公共机构” (public)" in said


def test_a_fault_of_what_was_not_said_is_at_the_sheet_where_it_would_be(
    folder, tmp_path
):
    cells = ["pmc-new", "新会", "New", "商会调委会", "乡镇", "330681109", "", "否"]
    path = workbook(tmp_path, 甲=[BODIES.split(","), [*cells, "2024-01-01"]])
    done = run("check", path, "--region", folder)
    assert "channels.csv（工作表“送达渠道”），整个文件，“机构编号”列（body）" in (
        done.stdout
    )


def test_rows_that_the_file_does_not_have_stay_and_are_told(folder, tmp_path):
    book = openpyxl.load_workbook(BytesIO(exported(folder)))
    book["行政区划"].delete_rows(3, 2)
    book["送达渠道"].delete_rows(4)
    book.save(tmp_path / "less.xlsx")
    done = run("import", tmp_path / "less.xlsx", "--into", folder)
    assert done.exit_code == 0
    assert "行政区划：名录中有 2 行在这个文件里没有，予以保留：" in done.stdout
    assert "“停用日期”（valid_to）" in done.stdout
    assert "送达渠道：名录中有 1 行" in done.stdout
    assert "the directory has 2 rows that the file does not have; they stay" in (
        done.stdout
    )
    assert "机构：名录" not in done.stdout


def test_of_the_rows_that_are_missing_only_those_of_the_place_are_told(
    folder, tmp_path
):
    grids = table(tmp_path, WAYS, "pmc-village-mahe,文件,own")
    (found,) = propose(folder, grids, DAY, at="652324").left_out
    assert found.file == "channels.csv"
    assert found.rows and not any("zhuji" in row for row in found.rows)


def test_a_first_directory_goes_into_a_folder_with_only_a_head(folder, tmp_path):
    (tmp_path / "all.xlsx").write_bytes(exported(folder))
    mine = tmp_path / "mine"
    refused = run("import", tmp_path / "all.xlsx", "--into", mine)
    assert refused.exception.reason == "no-region-folder"
    words = in_words(refused.exception)
    assert f"mkdir -p {mine}" in words and "region.toml" in words

    mine.mkdir()
    head = 'inherits = "baseline"\ncode = "mine"\nname = "某县"\nname_en = "Mine"\n'
    dated = 'version = "mine-1"\nvalid_from = 2024-01-01\n'
    (mine / "region.toml").write_text(head + dated, "utf-8")
    assert run("import", tmp_path / "all.xlsx", "--into", mine).exit_code == 0
    assert Region.load(mine).bodies == Region.load(folder).bodies
    assert [version.in_force for version in versions(mine)] == [True]


def test_a_file_that_is_no_workbook_is_named(tmp_path):
    (tmp_path / "broken.xlsx").write_bytes(b"x")
    done = run("check", tmp_path / "broken.xlsx", "--region", "sample")
    assert "\n  broken.xlsx: 不是可读的" in in_words(done.exception)
