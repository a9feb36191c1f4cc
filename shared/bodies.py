"""Bodies (机构) as the directory of a region knows them, and what they are for.

Pure. Which body acts on a dispute is not decided here.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from shared.acceptors import Acceptor, Code, Member
from shared.body_kinds import BodyKind
from shared.channels import Channel, ChannelKind
from shared.events.base import Value
from shared.events.clocks import ClockTerms
from shared.events.vocabulary import HandoffKind, Source, Tier
from shared.hours import Hours
from shared.resolution import OutsideHours, Preference, Resolution

__all__ = [
    "Acceptor",
    "Body",
    "BodyKind",
    "Channel",
    "ChannelKind",
    "Kind",
    "Member",
    "OutsideHours",
    "Preference",
    "Profile",
    "Resolution",
    "Sender",
    "Words",
]


class Body(Value):
    """An organisation that can hold or send disputes.

    `fields` are the kinds of dispute it is for; empty means any. `host` is where a
    stationed room (派驻调解室) stands, `parent` the body that set it up. A `dispatcher`
    hands on what it accepts; only a `public` body designates; `mediates` tells whether
    it mediates itself. `valid_to` is its last day.

    `linkage` says whether it is a member of the linkage where its kind alone does not.
    `capacity` is how many open disputes it can hold; routing knows no load, it is for
    those who look at loads. `chambers` are organisations whose members' disputes it is
    for; empty means anybody's. `grids` (网格) are those it is responsible for; whoever
    belongs to a chamber or grid of it is one of its `members`. Without `acceptors` it
    is taken to have one who is always there.
    """

    id: str
    name: str
    name_en: str
    kind: BodyKind
    tier: Tier
    place: str
    fields: frozenset[str] = frozenset()
    host: str | None = None
    parent: str | None = None
    dispatcher: bool = False
    public: bool = False
    mediates: bool = False
    valid_from: date
    valid_to: date | None = None
    linkage: bool | None = None
    hours: Hours | None = None
    capacity: int | None = Field(None, ge=1)
    chambers: frozenset[Code] = frozenset()
    grids: frozenset[Code] = frozenset()
    acceptors: tuple[Acceptor, ...] = ()
    members: tuple[Member, ...] = ()

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )

    def is_for(self, kind: str) -> bool:
        """Whether it takes disputes of this kind."""
        return not self.fields or kind in self.fields

    def answering(self, day: date) -> Acceptor | None:
        """Who answers on that day: a post of its own right before any deputy."""
        awake = [post for post in self.acceptors if post.awake(day)]
        return min(awake, key=lambda post: post.deputy_of is not None, default=None)

    def awake(self, day: date) -> bool:
        """Whether anybody there can accept or decline on that day."""
        return not self.acceptors or self.answering(day) is not None

    def belongs(self, organisation: str | None, day: date) -> bool:
        """Whether an organisation is a chamber or grid of this body, or in one."""
        return organisation in self.chambers | self.grids or any(
            member.organisation == organisation and member.in_force(day)
            for member in self.members
        )


class Sender(Value):
    """A body that refers disputes to us, and the sources (案件来源) it may name."""

    body: str
    sources: tuple[Source, ...]

    @property
    def source(self) -> Source:
        """The source that is meant if the sender names none."""
        return self.sources[0]


class Profile(Value):
    """What goes without saying about referrals of one source.

    `handoff` is the handoff kind that is meant if the sender names none, `may_ask` are
    those it may name. `first_clock` runs from registration at the body of first contact
    (首问负责).
    """

    source: Source
    handoff: HandoffKind
    may_ask: tuple[HandoffKind, ...]
    first_clock: ClockTerms


class Kind(Value):
    """A category of disputes (纠纷类别). `row18` is its row in statistics."""

    code: str
    zh: str
    en: str
    row18: str


class Words(Value):
    """What a rule row says to people, Chinese first."""

    zh: str
    en: str
