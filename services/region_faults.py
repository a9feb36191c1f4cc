"""What is wrong in a region's files, in words: each place, what is there, what to do."""

from __future__ import annotations

from services.texts import Language, text
from shared.region_faults import RegionRefusedError

_ROW = {"zh": ("row ", "第", "行"), "en": ("row ", "row ", "")}
_COLUMN = {"zh": "，{} 列", "en": ", column {}"}
_WHOLE = {"the file": "整个文件", "the folder": "该文件夹", "header": "表头"}


def told(fault: RegionRefusedError) -> list[dict[str, str]]:
    """All that was found, as problem details show it."""
    return [_one(each) for each in fault.all]


def _one(fault: RegionRefusedError) -> dict[str, str]:
    return {
        "field": ", ".join(filter(None, [fault.file, fault.row, fault.column])),
        "reason": fault.why,
        "zh": in_language(fault, "zh"),
        "en": in_language(fault, "en"),
    }


def in_language(fault: RegionRefusedError, language: Language) -> str:
    """The place and the fault as one sentence."""
    facts = {**fault.facts, "before": row(str(fault.facts.get("before", "")), language)}
    return where(fault, language) + text(f"region.{fault.why}", language, **facts)


def where(fault: RegionRefusedError, language: Language) -> str:
    column = _column(fault, language)
    place = row(fault.row, language)
    if fault.column and fault.file.endswith(".toml"):
        place, column = fault.column, ""  # a key, not a column
    file = _file(fault, language)
    return text("region.where", language, file=file, row=place, column=column)


def _file(fault: RegionRefusedError, language: Language) -> str:
    """With the name of the sheet, if it comes from one or would stand in one."""
    if not (sheet := fault.facts.get("sheet")):
        return fault.file
    file = fault.file.removesuffix(f"#{sheet}")
    return text("region.sheet", language, file=file, sheet=sheet)


def _column(fault: RegionRefusedError, language: Language) -> str:
    """As the table calls it, with our name beside it."""
    title = fault.facts.get("title", fault.column)
    if title == fault.column:
        return _COLUMN[language].format(title) if title else ""
    return text("region.titled", language, title=title, column=fault.column)


def row(name: str, language: Language) -> str:
    """`row 7` as readers of the language write it."""
    start, before, after = _ROW[language]
    if name in _WHOLE:
        return _WHOLE[name] if language == "zh" else name
    if not name.startswith(start):
        return name
    return f"{before}{name.removeprefix(start)}{after}"
