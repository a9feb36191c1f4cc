"""Bad rule files through the command line: refused with place and remedy, nothing changed."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.cli.words import in_words
from services.routing.dmn import read
from services.routing.packs import Pack
from shared.events.errors import FengqiaoError

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
)
KIND = "<text>kind</text>"
BODIES = '"ROOM_COURT PMC_SOCIAL PMC_COUNTY PMC_TOWNSHIP PMC_VILLAGE"'
COUNTY = '["652300".."652399"]'


def after_head(text, doctype):
    head, _, rest = text.partition("?>")
    return f"{head}?>{doctype}{rest}"


FAULTS = {
    "broken XML": (lambda t: t[: len(t) // 2], ("XML",)),
    "an external entity": (
        lambda t: after_head(t, '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/x">]>'),
        ("DOCTYPE",),
    ),
    "a billion laughs": (
        lambda t: after_head(t, f"<!DOCTYPE a [{LAUGHS}]>").replace("消费", "&l9;"),
        ("DOCTYPE",),
    ),
    "a wrong type": (
        lambda t: t.replace(COUNTY, "652301"),
        ("lead", "L20", "县级代码", "integer", "string"),
    ),
    "an unknown name": (lambda t: t.replace(KIND, "<text>kinds</text>"), ("kinds",)),
    "a missing output": (
        lambda t: t.replace(BODIES, "", 1),
        ("lead", "L20", "主办机构类型"),
    ),
}


def copied(name, folder):
    with resources.as_file(resources.files("shared") / "regions" / name) as found:
        return Path(copytree(found, folder))


@pytest.fixture
def region(tmp_path):
    """A copy of the sample region."""
    return copied("sample", tmp_path / "county")


def run(*arguments):
    return CliRunner().invoke(app, ["rules", *map(str, arguments)])


def told(result):
    """What the command line says of a refusal; anything else fails the test."""
    assert isinstance(result.exception, FengqiaoError), result.exception
    return in_words(result.exception)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_file_is_not_turned_and_what_was_there_stays(fault, region):
    spoil, words = FAULTS[fault]
    file, there = region / "routing.dmn", region / "routing.xlsx"
    there.write_bytes(b"as it was")
    file.write_text(spoil(file.read_text("utf-8")), "utf-8")

    said = told(run("export", file, "--force"))

    assert "routing.dmn" in said
    assert all(word in said for word in words), said
    assert there.read_bytes() == b"as it was"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_pack_with_a_faulty_file_is_refused_whole(fault, region):
    spoil, words = FAULTS[fault]
    file = region / "routing.dmn"
    file.write_text(spoil(file.read_text("utf-8")), "utf-8")

    with pytest.raises(FengqiaoError) as refused:
        Pack.load(region)

    said = in_words(refused.value)
    assert "routing.dmn" in said
    assert all(word in said for word in words), said


def test_overlapping_rows_where_one_may_fire_are_told_with_the_smallest_dispute(
    tmp_path,
):
    folder = copied("baseline", tmp_path / "county")
    file = folder / "routing.dmn"
    before, table, after = file.read_text("utf-8").partition('id="severity.table"')
    unique = after.replace('hitPolicy="FIRST"', 'hitPolicy="UNIQUE"', 1)
    file.write_text(before + table + unique, "utf-8")

    done = run("check", folder, "--json")

    assert done.exit_code == 1
    found = json.loads(done.stdout)
    told = [one for one in found["failures"] if one["code"] == "contradiction"]
    assert not found["passed"]
    assert told[0]["table"] == "severity"
    assert told[0]["rows"] == ["1 (S10)", "2 (S11)"]
    assert told[0]["example"]
    assert "S10" in told[0]["zh"] and "S11" in told[0]["en"]


def test_a_workbook_that_is_none_is_not_turned(region):
    broken = region / "tables.xlsx"
    broken.write_bytes(b"PK\x03\x04 not a workbook")

    assert "tables.xlsx" in told(run("import", broken))
    assert not (region / "tables.dmn").exists()


def test_a_sort_of_file_that_is_not_known_is_told(region):
    assert ".xlsx" in told(run("import", region / "region.toml"))


def test_nothing_is_overwritten_unless_it_is_said(region):
    file = region / "routing.dmn"
    before = file.read_bytes()
    book = region / "routing.xlsx"

    assert run("export", file).exit_code == 0
    said = told(run("import", book))
    assert "--force" in said
    assert file.read_bytes() == before
    assert run("import", book, "--force").exit_code == 0


def test_tables_go_to_excel_and_back_exactly(region):
    file, book = region / "routing.dmn", region / "tables.xlsx"
    again = region / "again.dmn"

    assert run("export", file, "--to", book).exit_code == 0
    assert run("import", book, "--to", again).exit_code == 0

    assert read(again) == read(book) == read(file)


def test_an_import_says_that_only_the_form_was_checked(region):
    book = region / "tables.xlsx"
    run("export", region / "routing.dmn", "--to", book)

    done = run("import", book)

    assert "只检查了表的格式" in done.stdout
    assert "fengqiao rules check PACK" in " ".join(done.stdout.split())


def test_a_place_that_cannot_be_written_is_told(region):
    nowhere = region / "no such folder" / "tables.xlsx"

    assert "--to" in told(run("export", region / "routing.dmn", "--to", nowhere))
