"""Ledgers are read row by row, and hostile or careless ones are refused in bounds."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import date, datetime
from decimal import Decimal
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from services.intake import cells, file_rows, zipped
from services.intake.file_refusals import FileRefusedError
from services.intake.file_rows import rows_of
from services.intake.profiles import profile_of
from shared.events.vocabulary import Source
from tests.petition_ledger import SAMPLE, content, rows

FORM = [profile_of(Source.PETITION)]
HEADER = ["登记编号", "问题类别", "问题属地", "反映事项", "信访人", "涉及金额"]
LINE = ["样1", "邻里", "枫桥镇", "争吵", "陈样安", 100]
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def ledger(folder, *lines, header=HEADER):
    """A workbook with a header and these lines; change it before it is saved."""
    book = Workbook()
    sheet = book.worksheets[0]
    for line in [header, *lines]:
        sheet.append(line)
    return book, sheet, folder / "ledger.xlsx"


def read(path):
    return list(rows_of(path, FORM))


def said(path):
    return [json.loads(row.body) for row in read(path)]


def faults(path):
    return {
        row.number: [(p.cell, p.field, p.reason) for p in row.problems]
        for row in read(path)
        if row.problems
    }


def refusal(path):
    with pytest.raises(FileRefusedError) as error:
        read(path)
    assert error.value.errors[0]["zh"]
    return error.value


def with_sheet(path, xml):
    """The same workbook with other XML in its only sheet."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, xml if name.endswith("sheet1.xml") else body)
    return path


def plain(folder):
    book, _, path = ledger(folder, LINE)
    book.save(path)
    return path


def sheet_of(*parts):
    head = f'<?xml version="1.0"?><worksheet xmlns="{NAMESPACE}"><sheetData>'
    return "".join([head, *parts, "</sheetData></worksheet>"])


def row_xml(number, line):
    told = [
        f'<c r="{cells.place(number, column)}" t="inlineStr"><is><t>{cell}</t></is></c>'
        for column, cell in enumerate(line, start=1)
    ]
    return f'<row r="{number}">{"".join(told)}</row>'


def test_the_sample_ledger_is_made_from_its_rows():
    assert SAMPLE.read_bytes() == content()


def test_the_sample_ledger_is_read_row_by_row():
    found = read(SAMPLE)

    assert [row.number for row in found] == list(range(3, 15))
    assert len(found) == len(rows()) - 1 == 12
    assert not any(row.problems for row in found)


def test_cells_are_given_as_a_person_reads_them(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE)
    sheet.append([" 样2 ", True, 330681109201.0, datetime(2026, 2, 9, 8, 5), None, 0.5])  # noqa: DTZ001
    sheet.append([3, "x", date(2026, 2, 9), "a\nb", "", 1e-7])
    book.save(path)

    _, second, third = said(path)

    assert list(second.values()) == [
        "样2",
        "是",
        "330681109201",
        "2026-02-09T08:05:00",
        "0.5",
    ]
    assert third["登记编号"] == "3"
    assert third["问题属地"] == "2026-02-09"
    assert third["涉及金额"] == "0.0000001"


def test_titles_may_stand_above_the_column_names(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE)
    sheet.insert_rows(1, 3)
    sheet["A1"] = "登记台账"
    sheet.merge_cells("A1:F2")
    book.save(path)

    assert [row.number for row in read(path)] == [5]


def test_a_table_may_begin_in_any_column(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE)
    sheet.insert_cols(1, 2)
    sheet["H2"] = "=1+1"
    book.save(path)

    assert said(path)[0]["登记编号"] == "样1"
    assert faults(path) == {2: [("H2", "涉及金额", "formula")]}


def test_column_names_may_be_broken_into_lines(tmp_path):
    book, _, path = ledger(tmp_path, LINE, header=["登记\n编号 ", *HEADER[1:]])
    book.save(path)

    assert said(path)[0]["登记编号"] == "样1"


def test_a_formula_is_refused_where_it_stands(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE, LINE)
    sheet["F3"] = "=SUM(F2:F2)"
    book.save(path)

    assert faults(path) == {3: [("F3", "涉及金额", "formula")]}


def test_a_row_of_nothing_but_formulas_is_refused_if_others_follow(tmp_path):
    formulas = ["=1+1"] * len(HEADER)
    book, _, path = ledger(tmp_path, LINE, formulas, ["样2", *LINE[1:]], formulas)
    book.save(path)

    assert [row.number for row in read(path)] == [2, 3, 4]
    assert list(faults(path)) == [3]


def test_a_formula_in_a_column_nobody_reads_does_no_harm(tmp_path):
    book, sheet, path = ledger(tmp_path, [*LINE, None], header=[*HEADER, "序号"])
    for number in range(2, 50):
        sheet.cell(number, 7, "=ROW()-1")
    book.save(path)

    assert [(row.number, row.problems) for row in read(path)] == [(2, ())]


def test_merged_cells_are_refused_in_every_row_they_cover(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE, LINE, LINE)
    sheet.merge_cells("E2:E3")
    book.save(path)

    merged = {number: [(f"E{number}", "信访人", "merged")] for number in (2, 3)}
    assert faults(path) == merged
    assert read(path)[0].problems[0].facts == {"range": "E2:E3"}


def test_an_error_and_a_long_number_are_refused(tmp_path):
    book, sheet, path = ledger(tmp_path, [330681199001011234, *LINE[1:]])
    sheet["F2"] = "#REF!"
    sheet["F2"].data_type = "e"
    book.save(path)

    assert faults(path) == {
        2: [
            ("A2", "登记编号", "number-lost-digits"),
            ("F2", "涉及金额", "cell-error"),
        ]
    }


def test_what_stands_beside_the_table_is_refused(tmp_path):
    book, sheet, path = ledger(tmp_path, LINE)
    sheet["J2"] = "另记"
    book.save(path)

    assert faults(path) == {2: [("J2", "", "no-heading")]}


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ([*HEADER, "民族"], "unknown-column"),
        ([*HEADER, "登记编号"], "column-twice"),
        (HEADER[1:], "no-header"),
        (["a", "b", "c"], "no-header"),
    ],
)
def test_column_names_that_do_not_fit_refuse_the_file(tmp_path, header, reason):
    book, _, path = ledger(tmp_path, LINE, header=header)
    book.save(path)

    assert refusal(path).reason == reason


def test_an_unknown_column_is_named_by_its_cell_only(tmp_path):
    book, _, path = ledger(tmp_path, LINE, header=[*HEADER, "龙样秘"])
    book.save(path)
    error = refusal(path)

    assert error.facts["cell"] == "G1"
    assert "龙样秘" not in f"{error} {error.errors}"


def test_notes_on_other_sheets_and_hidden_sheets_do_not_matter(tmp_path):
    book, _, path = ledger(tmp_path, LINE)
    book.create_sheet("说明")["B9"] = "填表说明"
    hidden = book.create_sheet("旧表")
    hidden.append(HEADER)
    hidden.sheet_state = "hidden"
    book.save(path)

    assert len(read(path)) == 1


def test_two_sheets_with_the_form_are_refused_rather_than_one_forgotten(tmp_path):
    book, _, path = ledger(tmp_path, LINE)
    book.create_sheet("3月").append(HEADER)
    book.save(path)

    assert refusal(path).reason == "several-sheets"


def test_a_million_empty_rows_are_passed_over_in_little_memory(tmp_path):
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(3, 1048577))
    told = [row_xml(1, HEADER), row_xml(2, LINE), empty]
    path = with_sheet(plain(tmp_path), sheet_of(*told))
    tracemalloc.start()

    found = read(path)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.number for row in found] == [2]
    assert most < 30 * 1024 * 1024


@pytest.mark.parametrize("last", [100_500, 1_048_576])
def test_content_far_below_the_last_row_taken_is_refused(tmp_path, last):
    empty = "".join(f'<row r="{n}"/>' for n in range(3, 200_000))
    told = [row_xml(1, HEADER), row_xml(2, LINE), empty, row_xml(last, LINE)]
    path = with_sheet(plain(tmp_path), sheet_of(*told))

    assert refusal(path).reason == "too-many-rows"


def test_cells_spread_over_a_whole_sheet_cost_no_more_than_they_are(tmp_path):
    far = '<row r="99000"><c r="GA99000"><v>1</v></c></row>'
    path = with_sheet(plain(tmp_path), sheet_of(row_xml(1, HEADER), far))
    tracemalloc.start()

    found = faults(path)

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == {99000: [("GA99000", "", "no-heading")]}
    assert most < 5 * 1024 * 1024


def test_a_cell_in_the_last_column_is_refused(tmp_path):
    far = '<row r="2"><c r="XFD2"><v>1</v></c></row>'
    path = with_sheet(plain(tmp_path), sheet_of(row_xml(1, HEADER), far))
    error = refusal(path)

    assert (error.reason, error.facts["cell"]) == ("spread-out", "XFD2")


def with_merged(folder, *ranges):
    merged = "".join(f'<mergeCell ref="{name}"/>' for name in ranges)
    xml = sheet_of(row_xml(1, HEADER), row_xml(2, LINE))
    end = f"<mergeCells>{merged}</mergeCells></worksheet>"
    return with_sheet(plain(folder), xml.replace("</worksheet>", end))


def test_a_whole_sheet_that_is_merged_into_one_cell_is_refused_row_by_row(tmp_path):
    path = with_merged(tmp_path, *["A1:XFD1048576"] * 1000)

    assert [reason for _, _, reason in faults(path)[2]] == ["merged"] * len(HEADER)


def test_merged_cells_that_lie_over_each_other_are_refused(tmp_path):
    path = with_merged(tmp_path, *[f"A1:F{n}" for n in range(2, 300)])

    assert refusal(path).reason == "broken-workbook"


@pytest.mark.parametrize(
    "row",
    [
        '<row r="2"><c r="A99999999999"><v>1</v></c></row>',
        '<row r="2"><c r="A1048577"><v>1</v></c></row>',
        '<row r="2"><c r="XFE2"><v>1</v></c></row>',
        '<row r="2"><c r="A3"><v>1</v></c></row>',
        '<row r="2"><c r="a2"><v>1</v></c></row>',
        '<row r="99999999999"><c><v>1</v></c></row>',
        '<row r="-1"><c><v>1</v></c></row>',
        '<row r="0"/>',
        '<row r="1"/>',
        '<row r="2"><c t="s"><v>999</v></c></row>',
        '<row r="2"><c t="s"><v>-1</v></c></row>',
        '<row r="2"><c t="s"><v></v></c></row>',
    ],
)
def test_places_and_texts_that_cannot_be_are_refused(tmp_path, row):
    path = with_sheet(plain(tmp_path), sheet_of(row_xml(1, HEADER), row))

    assert refusal(path).reason == "broken-workbook"


def test_places_may_be_left_out(tmp_path):
    names = "".join(f'<c t="str"><v>{name}</v></c>' for name in HEADER)
    told = "".join(f'<c t="str"><v>{cell}</v></c>' for cell in LINE)
    xml = sheet_of(f"<row>{names}</row><row/><row>{told}</row>")

    (row,) = read(with_sheet(plain(tmp_path), xml))

    assert (row.number, json.loads(row.body)["信访人"]) == (3, "陈样安")


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('t="str"><v>_x5F20_</v>', "张"),
        ('t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is>', "甲乙"),
        ('t="inlineStr"><is><t>甲</t><rPh><t>jia</t></rPh></is>', "甲"),
        ('t="d"><v>2026-02-09</v>', "2026-02-09"),
        ('t="b"><v>0</v>', "否"),
        ("><v>1E3</v>", "1000"),
        ("><v>0.30000000000000004</v>", "0.30000000000000004"),
        ("><v>1e999</v>", "1e999"),
        ("><v>nan</v>", "nan"),
        ('s="x"><v>5</v>', "5"),
    ],
)
def test_cells_of_every_kind_show_what_a_person_sees(tmp_path, cell, shown):
    told = row_xml(2, LINE[:4]).replace("</row>", f'<c r="E2" {cell}</c></row>')
    path = with_sheet(plain(tmp_path), sheet_of(row_xml(1, HEADER), told))

    assert said(path)[0]["信访人"] == shown


@pytest.mark.parametrize(
    ("days", "since_1904", "shown"),
    [
        ("46062", False, "2026-02-09"),
        ("44600", True, "2026-02-09"),
        ("46062.336805555555", False, "2026-02-09T08:05:00"),
        ("46062.999999999", False, "2026-02-10"),
        ("1", False, "1900-01-01"),
        ("60", False, "1900-02-28"),
        ("61", False, "1900-03-01"),
        ("2958465", False, "9999-12-31"),
        ("2958466", False, "2958466"),
        ("0.5", False, "0.5"),
        ("-3", False, "-3"),
    ],
)
def test_day_numbers_are_shown_as_the_days_they_are(days, since_1904, shown):
    assert cells.moment(Decimal(days), since_1904=since_1904) == shown


@pytest.mark.parametrize(
    ("form", "is_date"),
    [
        ("yyyy/m/d", True),
        ('yyyy"年"m"月"d"日"', True),
        ("[$-804]aaaa;@ yyyy", True),
        ("[h]:mm", True),
        ("General", False),
        ('0.00"days"', False),
        ("[Red]0", False),
        (r"0\d", False),
        ("@", False),
    ],
)
def test_a_number_is_a_date_if_its_format_says_so(tmp_path, form, is_date):
    book, sheet, path = ledger(tmp_path, [*LINE[:5], 46062])
    sheet["F2"].number_format = form
    book.save(path)

    assert said(path)[0]["涉及金额"].startswith("2026-02-09") is is_date


def test_entities_are_never_expanded(tmp_path):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    xml = sheet_of(row_xml(1, HEADER), row_xml(2, LINE))
    xml = xml.replace("?>", f"?>{bomb}", 1)

    assert refusal(with_sheet(plain(tmp_path), xml)).reason == "unsafe-xml"


def test_another_encoding_is_refused(tmp_path):
    xml = sheet_of(row_xml(1, HEADER)).replace("?>", ' encoding="utf-16"?>')

    for raw in (xml, xml.encode("utf-16")):
        assert refusal(with_sheet(plain(tmp_path), raw)).reason == "unsafe-xml"


def test_a_zip_that_unpacks_to_too_much_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_UNPACKED", 1_000_000)
    path = with_sheet(plain(tmp_path), sheet_of(" " * 1_000_000))

    assert path.stat().st_size < 20_000
    assert refusal(path).reason == "unpacks-too-large"


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path):
    path = with_sheet(plain(tmp_path), sheet_of(" " * 1_000_000))
    size = len(sheet_of(" " * 1_000_000)).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (1000).to_bytes(4, "little")))

    assert refusal(path).reason == "broken-workbook"


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"x" * 600])
def test_what_is_no_workbook_is_refused(tmp_path, raw):
    path = tmp_path / "x.xlsx"
    path.write_bytes(raw)

    assert refusal(path).reason == "broken-workbook"


def test_a_workbook_without_its_parts_is_refused(tmp_path):
    path = tmp_path / "x.xlsx"
    with ZipFile(path, "w") as archive:
        archive.writestr("x.txt", "x")

    assert refusal(path).reason == "broken-workbook"


def test_a_workbook_with_too_many_rows_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("services.intake.tables.MOST_ROWS", 2)
    book, _, path = ledger(tmp_path, LINE, LINE, LINE)
    book.save(path)

    assert refusal(path).reason == "too-many-rows"


def written(path, lines, encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_is_read_in_the_encodings_offices_use(tmp_path, encoding):
    lines = [["登记台账"], HEADER, LINE, [], ["", "", ""], LINE]
    path = written(tmp_path / "x.csv", lines, encoding)

    assert [row.number for row in read(path)] == [3, 6]
    assert said(path)[0]["信访人"] == "陈样安"


def test_csv_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x81\xff\xff")

    assert refusal(path).reason == "not-text"


def test_csv_with_an_open_quote_is_refused(tmp_path):
    path = written(tmp_path / "x.csv", [HEADER])
    path.write_bytes(path.read_bytes() + b'"a,b\n')

    assert refusal(path).reason == "not-csv"


def test_json_lines_are_passed_on_as_they_are(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(b'{"a": 1}\r\n\n  \n\xff{\n')

    assert [(row.number, row.body) for row in read(path)] == [
        (1, b'{"a": 1}'),
        (4, b"\xff{"),
    ]


@pytest.mark.parametrize("name", ["x.xls", "x.txt", "x"])
def test_other_formats_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"x")

    assert refusal(tmp_path / name).reason == "unknown-format"


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.xlsx"])
def test_a_file_that_is_not_there_is_refused(tmp_path, name):
    assert refusal(tmp_path / name).reason == "no-such-file"


def test_a_file_that_is_too_large_is_refused_unread(tmp_path, monkeypatch):
    monkeypatch.setattr(file_rows, "LARGEST_FILE", 10)
    path = written(tmp_path / "x.csv", [HEADER])

    assert refusal(path).reason == "too-large"
