"""What validation found, by the names the sender knows. Never quotes values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from services.intake.own_words import Told
from services.intake.profiles import SourceProfile
from services.intake.refusals import WHOLE, FieldProblem, shown


def faults_in(
    error: ValidationError, heard: Told, profile: SourceProfile | None
) -> list[FieldProblem]:
    """Each fault with the sender's name for the field, a reason code and facts."""
    faults = error.errors(include_url=False, include_input=False)
    return [
        FieldProblem(_field(found["loc"], heard, profile), *_reason(found))
        for found in faults
        if not _only_follows(found, faults)
    ]


def _only_follows(found: ErrorDetails, faults: Sequence[ErrorDetails]) -> bool:
    """A list counts as too short when all entries in it are faulty themselves."""
    place = found["loc"]
    within = (f["loc"] for f in faults if len(f["loc"]) > len(place))
    return found["type"] == "too_short" and any(
        other[: len(place)] == place for other in within
    )


def _field(
    place: Sequence[int | str], heard: Told, profile: SourceProfile | None
) -> str:
    """What the sender calls the field: by its own name, or by ours."""
    for length in range(len(place), 0, -1):
        path = ".".join(map(str, place[:length]))
        own = heard.names.get(path) or (profile and profile.own_name(path))
        if own:
            return own
    if profile and place[:1] == ("parties",):
        return profile.own_name("applicant.name") or profile.own_name("applicant") or ""
    return ".".join(map(shown, place)) or WHOLE


_QUOTED = re.compile("'([^']*)'")
_REASONS = {
    "missing": "missing",
    "extra_forbidden": "unknown-field",
    "string_too_short": "empty",
    "string_unicode": "bad-characters",
    "finite_number": "not-a-number",
    "decimal_parsing": "not-a-number",
}
_JSON_TYPES = {
    "tuple": "array",
    "model": "object",
    "model_attributes": "object",
    "bool": "true / false",
    "decimal": "number",
}


def _reason(found: ErrorDetails) -> tuple[str, dict[str, object]]:
    kind, facts = found["type"], found.get("ctx", {})
    match kind:
        case "string_too_long":
            return "too-long", {"limit": facts["max_length"]}
        case "too_long":
            return "too-many", {"limit": facts["max_length"]}
        case "too_short":
            return "too-few", {"limit": facts["min_length"]}
        case "enum":
            return "unknown-value", {"known": _QUOTED.findall(facts["expected"])}
        case _ if kind in _REASONS:
            return _REASONS[kind], {}
        case _ if "-" in kind:  # one of our own
            return kind, facts
        case _:
            name = kind.removesuffix("_type")
            return "wrong-type", {"expected": _JSON_TYPES.get(name, name)}
