"""From what a sender sent to a referral that may be registered, or all reasons why not.

Takes our own field names, or the sender's when we are told who sends. Records nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError

from services.intake.faults import faults_in
from services.intake.field_types import Code
from services.intake.json_body import read_json
from services.intake.own_words import Told, told
from services.intake.profiles import SourceProfile, profile_of
from services.intake.referral import Ground, Referral
from services.intake.refusals import FieldProblem, ReferralRefusedError, refused
from shared.events.base import Value
from shared.events.vocabulary import Source, dispute_id
from shared.region import Sender


class NotADispute(Value):
    """A matter that is none of ours and goes back to its sender, with the reason.

    `record` is what was sent, in the clear: only a digest of it may be stored.
    """

    sender: Code
    source: Source
    reference: Code
    reason: str
    record: str = Field(repr=False)

    @cached_property
    def dispute(self) -> UUID:
        """The id that a dispute of this sender and reference has."""
        return dispute_id(self.sender, self.reference)


Read = Referral | NotADispute


def read_referral(
    body: bytes,
    ground: Ground,
    *,
    sender: str | None = None,
    source: Source | None = None,
) -> Read:
    """A referral from a JSON body.

    With a `sender` the body may also be in the words of that sender's own forms, and
    may name no other. Raises `ReferralRefusedError` with every fault it finds.
    """
    return read_record(read_json(body), ground, sender=sender, source=source)


def read_record(
    record: Mapping[str, Any],
    ground: Ground,
    *,
    sender: str | None = None,
    source: Source | None = None,
) -> Read:
    """As `read_referral`, from what is JSON already or a row of a sheet."""
    ours = sender is None or not record.keys().isdisjoint({"sender", "reference"})
    who = _sender(record if ours else {}, sender, ground)
    came_from = _source(record if ours else {}, source or _form(record, who), who)
    said = {"sender": who.body, "source": came_from}
    if ours:
        return _referral({**record, **said}, Told(), None, ground)
    profile = profile_of(came_from)
    heard = told(record, profile, ground.region)
    if heard.returned and not heard.problems:
        return _returned({**heard.data, **said}, heard, profile, record)
    return _referral({**heard.data, **said}, heard, profile, ground)


def _sender(record: Mapping[str, Any], sender: str | None, ground: Ground) -> Sender:
    named = record.get("sender", sender)
    if sender is not None and named != sender:
        raise refused("sender", "sender-differs")
    if named is None:
        raise refused("sender", "missing")
    found = ground.region.senders.get(named) if isinstance(named, str) else None
    if not found:
        raise refused("sender", "unknown-sender")
    return found


def _source(record: Mapping[str, Any], source: Source | None, sender: Sender) -> Source:
    named = record.get("source", source or sender.source)
    if not isinstance(named, str) or named not in set(Source):
        raise refused("source", "unknown-source", known=[str(s) for s in Source])
    if named not in sender.sources:
        may = [str(s) for s in sender.sources]
        raise refused("source", "not-of-this-sender", allowed=may)
    return Source(named)


def _form(record: Mapping[str, Any], sender: Sender) -> Source | None:
    """The source in whose form a record of this sender is, if its number shows that."""
    for source in sender.sources:
        if profile_of(source).own_name("reference") in record:
            return source
    return None


def _referral(
    data: Mapping[str, Any],
    heard: Told,
    profile: SourceProfile | None,
    ground: Ground,
) -> Referral:
    try:
        found = Referral.model_validate(data, context=ground)
    except ValidationError as error:
        faults = faults_in(error, heard, profile)
    else:
        faults = []
    if problems := _each_once([*heard.problems, *faults]):
        raise ReferralRefusedError(problems)
    return found


def _returned(
    data: Mapping[str, Any],
    heard: Told,
    profile: SourceProfile,
    record: Mapping[str, Any],
) -> NotADispute:
    content = "\n".join(f"{own}={record[own]}" for own in sorted(record))
    try:
        return NotADispute(
            sender=data["sender"],
            source=data["source"],
            reference=data.get("reference", ""),
            reason=heard.returned or "",
            record=content,
        )
    except ValidationError as error:
        raise ReferralRefusedError(faults_in(error, heard, profile)) from None


def _each_once(problems: Sequence[FieldProblem]) -> list[FieldProblem]:
    """One fault a field: a field that could not be read is then missing as well."""
    first: dict[str, FieldProblem] = {}
    for problem in problems:
        first.setdefault(problem.field, problem)
    return list(first.values())
