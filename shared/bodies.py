"""Bodies (机构) as the directory of a region knows them, and how they are reached.

Pure. Which body acts on a dispute is not decided here.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from shared.events.base import Value
from shared.events.clocks import ClockTerms
from shared.events.vocabulary import HandoffKind, Source, Tier


class BodyKind(StrEnum):
    """What a body is (机构类型)."""

    PMC_VILLAGE = "PMC_VILLAGE"
    PMC_COMMUNITY = "PMC_COMMUNITY"
    PMC_TOWNSHIP = "PMC_TOWNSHIP"
    PMC_SUBDISTRICT = "PMC_SUBDISTRICT"
    PMC_ENTERPRISE = "PMC_ENTERPRISE"
    PMC_SOCIAL = "PMC_SOCIAL"
    PMC_COUNTY = "PMC_COUNTY"
    GUIDANCE_COMMITTEE = "GUIDANCE_COMMITTEE"
    ROOM_COURT = "ROOM_COURT"
    ROOM_PETITION = "ROOM_PETITION"
    ROOM_POLICE = "ROOM_POLICE"
    ROOM_OTHER = "ROOM_OTHER"
    CENTRE_ONE_STOP = "CENTRE_ONE_STOP"
    JUDICIAL_OFFICE = "JUDICIAL_OFFICE"
    JUSTICE_BUREAU = "JUSTICE_BUREAU"
    POLICE_STATION = "POLICE_STATION"
    PSB = "PSB"
    TRAFFIC_POLICE = "TRAFFIC_POLICE"
    COURT = "COURT"
    TRIBUNAL = "TRIBUNAL"
    PROCURATORATE = "PROCURATORATE"
    PETITION_OFFICE = "PETITION_OFFICE"
    LAW_FIRM = "LAW_FIRM"
    LEGAL_SERVICE_OFFICE = "LEGAL_SERVICE_OFFICE"
    LEGAL_AID = "LEGAL_AID"
    LABOUR_ARBITRATION = "LABOUR_ARBITRATION"
    LABOUR_INSPECTION = "LABOUR_INSPECTION"
    HRSS = "HRSS"
    MARKET_REGULATOR = "MARKET_REGULATOR"
    CONSUMER_ASSOC = "CONSUMER_ASSOC"
    HEALTH = "HEALTH"
    HOUSING = "HOUSING"
    NATURAL_RESOURCES = "NATURAL_RESOURCES"
    AGRICULTURE = "AGRICULTURE"
    ECOLOGY = "ECOLOGY"
    CIVIL_AFFAIRS = "CIVIL_AFFAIRS"
    WOMENS_FED = "WOMENS_FED"
    UNION = "UNION"
    FINANCE_REG = "FINANCE_REG"
    CENTRE_FINANCE = "CENTRE_FINANCE"
    RECONSIDERATION_ORGAN = "RECONSIDERATION_ORGAN"
    GRID_CENTRE = "GRID_CENTRE"
    HOTLINE_12345 = "HOTLINE_12345"


class ChannelKind(StrEnum):
    """How a body is told something."""

    FILE = "file"
    TOPIC = "topic"
    WEBHOOK = "webhook"
    EMAIL = "email"


class Channel(Value):
    """A way to a body. The address is a folder, a topic, a URL or an e-mail address."""

    kind: ChannelKind
    address: str


class Body(Value):
    """An organisation that can hold or send disputes.

    `fields` are the kinds of dispute it is for; empty means any. `host` is where a
    stationed room (派驻调解室) stands, `parent` the body that set it up. A `dispatcher`
    hands on what it accepts; only a `public` body designates; `mediates` tells whether
    it mediates itself. `valid_to` is its last day.
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

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )

    def is_for(self, kind: str) -> bool:
        """Whether it takes disputes of this kind."""
        return not self.fields or kind in self.fields


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
