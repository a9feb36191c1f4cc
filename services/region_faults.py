"""What is wrong in a region's files, in words: each place, what is there, what to do."""

from __future__ import annotations

from services.texts import Language, text
from shared.region_faults import RegionRefusedError

_ROW = {"zh": ("row ", "第", "行"), "en": ("row ", "row ", "")}
_COLUMN = {"zh": "，{} 列", "en": ", column {}"}
_FILE = {"zh": "整个文件", "en": "the file"}


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
    column = _COLUMN[language].format(fault.column) if fault.column else ""
    place = row(fault.row, language)
    return text("region.where", language, file=fault.file, row=place, column=column)


def row(name: str, language: Language) -> str:
    """`row 7` as readers of the language write it."""
    start, before, after = _ROW[language]
    if name == "the file":
        return _FILE[language]
    if not name.startswith(start):
        return name
    return f"{before}{name.removeprefix(start)}{after}"
