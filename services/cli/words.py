"""The texts of the command line."""

from __future__ import annotations

import json

from services.problems import problem
from services.texts import Texts
from shared.events.errors import FengqiaoError
from shared.region_faults import RegionRefusedError

text = Texts("services.cli")


def both(code: str, **facts: object) -> str:
    """Chinese first, English beside."""
    return f"{text(code, 'zh', **facts)} · {text(code, 'en', **facts)}"


def in_words(error: FengqiaoError) -> str:
    """What was tried, what is the case and what to do, a line in each language.

    Faults of a region's files tell their place themselves, in both.
    """
    found = problem(error)
    lines = [found["detail"], found["detail_en"]]
    for field in found.get("errors", []):
        place = "" if isinstance(error, RegionRefusedError) else field["field"]
        where = f"{place}: " if place else ""
        lines.append(f"  {where}{field['zh']} · {field['en']}")
    return "".join(f"{line}\n" for line in lines)


def in_json(error: FengqiaoError) -> str:
    """The same as a problem of RFC 9457, for programs."""
    return json.dumps(problem(error), ensure_ascii=False, default=str) + "\n"
