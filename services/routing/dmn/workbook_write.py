"""Writes grids of text as an .xlsx workbook. The same grids give the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from services.routing.dmn.workbook import Sheet, letters

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_AMBIGUOUS = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_PLAIN, _BOLD = 1, 2
_STYLES = f"""{_HEAD}<styleSheet xmlns="{_MAIN}">\
<fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border/></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="49" applyNumberFormat="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf>\
<xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1"/></xf></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>\
</styleSheet>"""
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


class Page(NamedTuple):
    """A sheet to be written; `head` rows are bold and stay in view."""

    sheet: Sheet
    head: int


def write_workbook(pages: Sequence[Page]) -> bytes:
    buffer = io.BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for part, text in _parts(pages):
            info = ZipInfo(part, _LONG_AGO)
            info.compress_type = ZIP_DEFLATED
            archive.writestr(info, text)
    return buffer.getvalue()


def _parts(pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    yield "[Content_Types].xml", _content_types(len(pages))
    yield "_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")])
    yield "xl/workbook.xml", _book([page.sheet.name for page in pages])
    sheets = [("worksheet", f"worksheets/sheet{n + 1}.xml") for n in range(len(pages))]
    yield "xl/_rels/workbook.xml.rels", _relations([*sheets, ("styles", "styles.xml")])
    yield "xl/styles.xml", _STYLES
    for number, page in enumerate(pages, 1):
        yield f"xl/worksheets/sheet{number}.xml", "".join(_sheet(page))


def _content_types(sheets: int) -> str:
    parts = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles"}
    parts |= {f"/xl/worksheets/sheet{n + 1}.xml": "worksheet" for n in range(sheets)}
    told = "".join(
        f'<Override PartName="{part}" ContentType="{_TYPES}.{kind}+xml"/>'
        for part, kind in parts.items()
    )
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{told}</Types>"
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, 1)
    )
    return (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'
    )


def _book(names: Sequence[str]) -> str:
    told = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, name in enumerate(names, 1)
    )
    spaces = f'xmlns="{_MAIN}" xmlns:r="{_OFFICE}"'
    return f"{_HEAD}<workbook {spaces}><sheets>{told}</sheets></workbook>"


def _sheet(page: Page) -> Iterator[str]:
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">'
    yield f'<sheetViews><sheetView workbookViewId="0">{_pane(page.head)}'
    yield '</sheetView></sheetViews><cols><col min="1" max="1" width="14" '
    yield 'customWidth="1"/><col min="2" max="64" width="22" style="1" '
    yield 'customWidth="1"/></cols><sheetData>'
    for number, row in enumerate(page.sheet.rows, 1):
        style = _BOLD if number <= page.head else _PLAIN
        cells = (_cell(letters(n), number, t, style) for n, t in enumerate(row) if t)
        yield f'<row r="{number}">{"".join(cells)}</row>'
    yield "</sheetData></worksheet>"


def _pane(head: int) -> str:
    return (
        f'<pane xSplit="1" ySplit="{head}" topLeftCell="B{head + 1}" '
        'activePane="bottomRight" state="frozen"/>'
    )


def _cell(column: str, row: int, text: str, style: int) -> str:
    """A text, whatever it looks like: nothing that is written here is ever run."""
    plain = escape(_AMBIGUOUS.sub("_x005F_", text))
    return (
        f'<c r="{column}{row}" s="{style}" t="inlineStr">'
        f'<is><t xml:space="preserve">{plain}</t></is></c>'
    )
