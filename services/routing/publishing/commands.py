"""What people can do with the rules of a region, and when it is refused.

Pure: the day is an argument. Nothing comes into force without a passed certificate, a
backtest and two people, and never in the past. Anybody may propose; all else takes an
`Authority`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from unicodedata import normalize

from pydantic import Field

from services.routing.publishing.domain import ONE_DAY, Publications
from services.routing.publishing.people import Authority, Person
from services.routing.publishing.proposals import APPROVERS, InForce, Proposal, Stage
from services.routing.publishing.refusals import (
    must_be_open,
    must_be_person,
    must_be_within,
    must_have_reason,
    must_start_in_time,
    must_suit,
    refused,
)
from shared.events.base import DomainEvent, Value
from shared.events.rules import (
    Backtest,
    Certificate,
    DirectoryFound,
    DirectoryPublished,
    PackAdopted,
    PackApproved,
    PackProposed,
    PackPublished,
    PackRejected,
    PackWithdrawn,
)

SOFTWARE = "fengqiao"
"""The body by which the software itself proposes. It never approves."""


class Wish(Value):
    """What somebody wants: a pack by its digest in force on some days, and why.

    `own_from` and `own_until` are the days that the pack itself says.
    """

    pack: str
    version: str
    reason: str
    valid_from: date
    until: date | None = None
    emergency: bool = False
    most_days: Annotated[int, Field(ge=1)] = 14
    """How long an emergency may last; a setting."""
    own_from: date | None = None
    own_until: date | None = None


class Draft(Wish):
    """A wish with its grounds."""

    certificate: Certificate
    backtest: Backtest


def adopt(
    state: Publications, pack: str, version: str, directory: str
) -> list[DomainEvent]:
    """Begin with what was shipped. Later starts only tell another directory."""
    if not state.adopted:
        return [PackAdopted(pack=pack, version=version, directory=directory)]
    known = state.directory == directory
    return [] if known else [DirectoryFound(directory=directory)]


def consider(state: Publications, who: Person, wish: Wish, today: date) -> None:
    """Raises what stands against a proposal, whatever its grounds will be."""
    must_be_person(who.person)
    must_have_reason(wish.reason)
    must_start_in_time(
        wish.valid_from, wish.until, wish.emergency, wish.most_days, today
    )
    must_be_within(wish.valid_from, wish.until, wish.own_from, wish.own_until)
    _must_be_alone(state, wish)


def propose(
    state: Publications, who: Person, draft: Draft, today: date
) -> list[PackProposed]:
    """Ask for a pack to be in force from a day on."""
    consider(state, who, draft, today)
    _must_be_certified(state, draft.certificate, draft.pack)
    if draft.backtest.pack != draft.pack:
        raise refused("backtest-of-another", pack=draft.pack, found=draft.backtest.pack)
    said = {name: told for name, told in draft if name in PackProposed.model_fields}
    where = {**dict(who), "directory": draft.certificate.directory}
    return [PackProposed(proposal=len(state.proposals) + 1, **said, **where)]


def approve(state: Publications, who: Authority, number: int) -> list[PackApproved]:
    """Approve a proposal; the proposer may be one of the two, but never both.

    More than two may approve; all of them are named when it is published.
    """
    found = must_be_open(state, number)
    must_be_person(who.person)
    if who.by == SOFTWARE:
        raise refused("software-approves", proposal=number)
    if _same(who.person) in map(_same, found.approved_by):
        raise refused("approved-already", proposal=number, person=who.person)
    return [PackApproved(proposal=number, **dict(who))]


def reject(
    state: Publications, who: Authority, number: int, reason: str
) -> list[PackRejected]:
    """End a proposal that is not published."""
    must_be_open(state, number)
    must_be_person(who.person)
    must_have_reason(reason)
    return [PackRejected(proposal=number, **dict(who), reason=reason)]


def publish(
    state: Publications, who: Authority, number: int, today: date
) -> list[PackPublished]:
    """Let an approved proposal be in force from its day on."""
    found, made = must_be_open(state, number), state.proposals[number].made
    must_be_person(who.person)
    _must_be_approved(found)
    _must_be_certified(state, made.certificate, made.pack)
    must_start_in_time(made.valid_from, made.until, made.emergency, None, today)
    _must_be_alone(state, made)
    return [
        PackPublished(
            proposal=number,
            pack=made.pack,
            version=made.version,
            directory=made.directory,
            **dict(who),
            approved_by=found.approved_by,
            certificate=made.certificate.digest,
            backtest=made.backtest.digest,
            valid_from=made.valid_from,
            until=made.until,
            emergency=made.emergency,
        )
    ]


def withdraw(
    state: Publications, who: Authority, number: int, reason: str, today: date
) -> list[PackWithdrawn]:
    """Take back what has not begun, or end an emergency before its time.

    One that ends on its first day stays known, with a last day before the first: what
    was decided under it must find the way back.
    """
    must_be_person(who.person)
    must_have_reason(reason)
    there = _published(state, number)
    assert there.since
    if there.until and there.until < today:
        raise refused("ended-already", proposal=number, until=there.until)
    if there.since <= today and not there.emergency:
        raise refused("begun-already", proposal=number, since=there.since)
    last = today - ONE_DAY if there.since <= today else None
    told = dict(who)
    return [PackWithdrawn(proposal=number, **told, reason=reason, last_day=last)]


def publish_directory(
    state: Publications,
    who: Authority,
    directory: str,
    version: str,
    reason: str,
    certificates: Sequence[Certificate],
    today: date,
) -> list[DirectoryPublished]:
    """Let a version of the directory hold, with a certificate for every pack to come."""
    must_be_person(who.person)
    must_have_reason(reason)
    shown = {each.pack: each for each in certificates}
    for pack in sorted(state.packs_from(today)):
        if pack not in shown:
            raise refused("directory-uncertified", pack=pack, directory=directory)
        must_suit(shown[pack], pack, directory)
    return [
        DirectoryPublished(
            directory=directory,
            version=version,
            **dict(who),
            reason=reason,
            certificates=tuple(certificates),
        )
    ]


def _must_be_certified(state: Publications, shown: Certificate, pack: str) -> None:
    if state.directory is None:
        raise refused("nothing-adopted")
    must_suit(shown, pack, state.directory)


def _must_be_approved(found: Proposal) -> None:
    if not found.may_be_published:
        raise refused(
            "not-approved",
            proposal=found.made.proposal,
            approved=found.approved_by or "—",
            needed=APPROVERS,
        )


def _must_be_alone(state: Publications, new: Wish | PackProposed) -> None:
    """Two packs may not begin on one day, nor two emergencies hold on one."""
    for other in state.published:
        if other.emergency == new.emergency and _meet(other, new):
            raise refused(
                "two-packs",
                version=new.version,
                day=max(new.valid_from, other.since or new.valid_from),
                other=other.version,
                proposal=other.proposal,
            )


def _meet(other: InForce, new: Wish | PackProposed) -> bool:
    if not new.emergency or other.since is None:
        return other.since == new.valid_from
    last = new.until or new.valid_from
    return other.since <= last and new.valid_from <= (other.until or last)


def _published(state: Publications, number: int) -> InForce:
    for each in state.published:
        proposal = state.proposals.get(number)
        if each.proposal == number and proposal and proposal.stage is Stage.PUBLISHED:
            return each
    raise refused("not-published", proposal=number)


def _same(person: str) -> str:
    """The name without what only looks different, so that nobody counts twice."""
    return normalize("NFKC", person).casefold()
