"""A correction (更正) of a registered referral: a command of its own, by a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter, ValidationError

from services.intake.json_body import read_json
from services.intake.reading import read_record
from services.intake.referral import Ground, Referral
from services.intake.refusals import refused

_NAME: TypeAdapter[str] = TypeAdapter(
    Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[\w.:/@-]+$")]
)


class Correction(NamedTuple):
    """The referral as it ought to have been, and who says so.

    `person` is the work name of an official of the sender, never of a party.
    """

    command_id: str
    person: str
    referral: Referral


def read_correction(body: bytes, ground: Ground) -> Correction:
    """A correction from JSON: `command_id`, `person`, `referral`.

    Raises `ReferralRefusedError` with every fault of the referral.
    """
    return correction_from(read_json(body), ground)


def correction_from(
    data: Mapping[str, Any], ground: Ground, sender: str | None = None
) -> Correction:
    """As `read_correction`, from what is JSON already. `command` may say "correct"."""
    if data.get("command", "correct") != "correct":
        raise refused("command", "unknown-value", known="correct")
    if not isinstance(data.get("referral"), dict):
        raise refused("referral", "wrong-type", expected="object")
    command_id, person = _name(data, "command_id"), _name(data, "person")
    read = read_record(data["referral"], ground, sender=sender)
    if not isinstance(read, Referral):
        raise refused("referral", "corrected-to-nothing")
    return Correction(command_id, person, read)


def _name(data: Mapping[str, Any], field: str) -> str:
    if field not in data:
        raise refused(field, "missing")
    try:
        return _NAME.validate_python(data[field])
    except ValidationError:
        raise refused(field, "not-a-name") from None
