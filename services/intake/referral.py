"""The one canonical referral (移送): what every source's wording is brought to.

A `Referral` exists only if it may be registered in a region at a time: the ground it is
validated on. Holds personal data in the clear, so it is never stored, logged or sent
on; `sealing.py` turns it into what an event may carry.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, NamedTuple, Self
from uuid import UUID

from pydantic import (
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.intake.field_types import (
    Amount,
    Code,
    Line,
    Moment,
    Paragraph,
    Story,
    wrong,
)
from shared.calendar import SHANGHAI
from shared.divisions import (
    DivisionNotInForceError,
    MalformedDivisionError,
    UnknownDivisionError,
    is_county,
)
from shared.events.base import Value
from shared.events.facts import Facts
from shared.events.intake import Side
from shared.events.vocabulary import Flag, HandoffKind, Source, dispute_id
from shared.region import Region

MOST_PARTIES = 3000
"""So many that their event, with all that may be told of them, fits into a message."""

GROUP_FROM = 10
"""So many persons on one side are a group (人数众多) as a rule, CPLI 75."""

CLOCKS_DIFFER = timedelta(minutes=5)


class Ground(NamedTuple):
    """What a referral is judged on: the region, and the time now."""

    region: Region
    now: datetime

    def place(self, told: str) -> str:
        """The code in force now of a place told by this one, or by one that ended.

        Raises what `Divisions.current` does.
        """
        today = self.now.astimezone(SHANGHAI).date()
        return self.region.divisions.current(told, today).code


class _Confidential(Value):
    """A value that does not show what is in it, as logs and errors would repeat it."""

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        return []


class PartyTold(_Confidential):
    """A party (当事人) as the sender tells of it, in the clear."""

    side: Side
    name: Line
    contact: Line | None = None
    identity: Line | None = None
    organisation: StrictBool = False
    claim: Paragraph | None = None
    minor: StrictBool = False
    willing: StrictBool | None = None


class Referral(_Confidential):
    """A dispute as a sender refers it, in our terms, fit to be registered.

    `reference` is the sender's own number. `asked` is the handoff kind that the sender
    names; None leaves it to the profile of its source. `prior_failed` names bodies
    that tried before and failed. `organisation` is a chamber, market, grid or firm, by
    its code in the directory. `place` is the code as told: it may have ended, if one
    other took it over.
    """

    sender: Code
    source: Source
    reference: Code
    kind: Code
    occurred_at: Moment | None = None
    place: Code
    narrative: Story
    parties: Annotated[
        tuple[PartyTold, ...], Field(min_length=1, max_length=MOST_PARTIES)
    ]
    amount: Amount | None = None
    flags: tuple[Flag, ...] = ()
    asked: HandoffKind | None = None
    prior_failed: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    organisation: Code | None = None

    @cached_property
    def dispute(self) -> UUID:
        """The id the dispute has everywhere."""
        return dispute_id(self.sender, self.reference)

    def facts(self, default: HandoffKind, place: str | None = None) -> Facts:
        """What rules may see of it; `default` is meant if no handoff kind was asked,
        and `place` is the code to register it under, if that is another one.
        """
        sides = [party.side for party in self.parties]
        larger = max(sides.count(side) for side in Side)
        return Facts(
            source=self.source,
            sender=self.sender,
            kind=self.kind,
            place=place or self.place,
            persons=len(sides),
            side=larger,
            amount=self.amount,
            flags=tuple(sorted({*self.flags, *self._flags_of_parties(larger)})),
            asked=self.asked or default,
            prior_failed=self.prior_failed,
            organisation=self.organisation,
        )

    def _flags_of_parties(self, larger: int) -> list[Flag]:
        group = larger >= GROUP_FROM
        seen = {
            Flag.GROUP: group,
            Flag.MINOR_INVOLVED: any(party.minor for party in self.parties),
            Flag.PARTY_REFUSES: self._is_refused(group),
        }
        return [flag for flag, holds in seen.items() if holds]

    def _is_refused(self, group: bool) -> bool:
        """Whether a party refuses (PML 17); in a group, whether a whole side does."""
        refusing = [party.side for party in self.parties if party.willing is False]
        if not group:
            return bool(refusing)
        sides = [party.side for party in self.parties]
        return any(sides.count(side) == refusing.count(side) for side in set(sides))

    @field_validator("kind")
    @classmethod
    def _is_a_kind(cls, kind: str, info: ValidationInfo) -> str:
        known = _ground(info).region.kinds
        if kind not in known:
            raise wrong("unknown-kind", known=list(known))
        return kind

    @field_validator("occurred_at")
    @classmethod
    def _has_happened(
        cls, at: datetime | None, info: ValidationInfo
    ) -> datetime | None:
        if at and at > _ground(info).now + CLOCKS_DIFFER:
            raise wrong("in-the-future")
        return at and at.astimezone(SHANGHAI)

    @field_validator("place")
    @classmethod
    def _can_be_found(cls, place: str, info: ValidationInfo) -> str:
        try:
            code = _ground(info).place(place)
        except MalformedDivisionError:
            raise wrong("place-malformed") from None
        except UnknownDivisionError:
            raise wrong("place-unknown") from None
        except DivisionNotInForceError as error:
            split = len(error.division.successors) > 1
            reason = "place-split" if split else "place-not-in-force"
            raise wrong(reason, **error.facts) from None
        if not is_county(code[:6]):
            raise wrong("place-too-wide")
        return place

    @field_validator("flags")
    @classmethod
    def _in_order(cls, flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
        return tuple(sorted(set(flags)))

    @field_validator("asked")
    @classmethod
    def _may_be_asked(
        cls, asked: HandoffKind | None, info: ValidationInfo
    ) -> HandoffKind | None:
        source = info.data.get("source")
        may_ask = _ground(info).region.profiles[source].may_ask if source else ()
        if asked and source and asked not in may_ask:
            raise wrong("not-to-be-asked", allowed=list(map(str, may_ask)))
        return asked

    @field_validator("prior_failed")
    @classmethod
    def _are_bodies(
        cls, bodies: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if any(body not in _ground(info).region.bodies for body in bodies):
            raise wrong("unknown-body")
        return tuple(dict.fromkeys(bodies))

    @model_validator(mode="after")
    def _names_nobody_twice(self) -> Self:
        first: dict[str, int] = {}
        for number, party in enumerate(self.parties, start=1):
            identity = "".join(filter(str.isalnum, party.identity or "")).upper()
            if identity and identity in first:
                raise wrong("party-twice", first=first[identity], second=number)
            first[identity] = number
        return self


def _ground(info: ValidationInfo) -> Ground:
    if not isinstance(info.context, Ground):
        raise TypeError("a referral is made by reading one, with its ground as context")
    return info.context
