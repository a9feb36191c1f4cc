"""What can come into the tables of a pack: what questions say, as `inputs_of` tells it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from services.routing.dmn.extents import (
    AFTER_ALL,
    Extent,
    Interval,
    before,
    everything,
    extent,
    only,
)
from services.routing.dmn.values import Kind
from services.routing.domain import NOT_TAKEN
from services.routing.packs.pack import Pack
from services.routing.packs.questions import TOWN
from services.routing.proof.smallest import Usual
from services.routing.proof.world import Joint, World
from shared.divisions import is_county
from shared.events.routing import Action
from shared.events.vocabulary import Flag, HandoffKind, RouteReason, Source, Tier
from shared.region import Region

SITUATION = ("reason", "tier", "declines", "not_taken", "with_sender")
"""The inputs that change in the life of a dispute; all others are its facts."""

USUAL: Usual = {
    "reason": str(RouteReason.REGISTERED),
    "source": str(Source.POLICE),
    "kind": "other",
    "asked": str(HandoffKind.REFERRAL),
    "persons": Decimal(2),
    "side": Decimal(1),
    "amount": None,
    "tier": None,
    "declines": Decimal(0),
    "not_taken": None,
    "with_sender": True,
    **dict.fromkeys(map(str, Flag), False),
}
_COUNTED = {"persons": 1, "side": 1, "declines": 0}
_MISSING = ("kind", "township", "amount", "tier", "not_taken")
"""What a question may not say. A kind that the pack does not know is not said either."""

_WORDS = {
    "reason": RouteReason,
    "source": Source,
    "asked": HandoffKind,
    "tier": Tier,
    "not_taken": HandoffKind,
}


def world_of(pack: Pack, region: Region | None) -> World:
    """Everything that may be asked; without a region, at any place there may be.

    An offer that was not taken may be unknown to the rules: a person made it.
    """
    given = pack.graph.inputs
    values = {name: _values(pack, name) for name in given}
    lapses = [str(RouteReason.DECLINED), str(RouteReason.LAPSED)]
    untaken = _texts(map(str, NOT_TAKEN))
    no_offer = only(Kind.STRING, None)
    handed_on = _texts([str(Action.OFFER), str(Action.DESIGNATE)])
    asked = ("way", "action", handed_on)
    return World(
        values=values,
        joint=_places(region)
        if region and {"county", "township"} <= given.keys()
        else None,
        never=(
            {"reason": (~untaken).without_null(), "not_taken": ~no_offer},
            {"reason": _texts(lapses), "declines": only(Kind.INTEGER, Decimal(0))},
        ),
        at_most=(("side", "persons"),),
        asked_when=dict.fromkeys(("terms", "lead", "clocks"), asked),
    )


def codes(region: Region) -> list[str]:
    """Every place that a dispute may be at: counties and all below, ended ones too."""
    every = (division.code for division in region.divisions)
    return [code for code in every if is_county(code) or len(code) >= TOWN]


def seen_of(place: str) -> tuple[str, str | None]:
    """What the tables see of a place: its county, and its township if it is in one."""
    return place[:6], place[:TOWN] if len(place) >= TOWN else None


def _places(region: Region) -> Joint:
    ways = dict.fromkeys(seen_of(code) for code in codes(region))
    return Joint(("county", "township"), tuple(ways))


def _values(pack: Pack, name: str) -> Extent:
    one = pack.graph.inputs[name]
    found = everything(one.kind) if one.allowed is None else one.allowed
    if name in _WORDS:
        found = _texts(map(str, _WORDS[name]))
    if name == "kind":
        found = _texts(pack.kinds)
    if name in _COUNTED:
        least = before(Decimal(_COUNTED[name]))
        found = extent(one.kind, [Interval(least, AFTER_ALL)])
    return Extent(one.kind, found.intervals, null=name in _MISSING)


def _texts(words: Iterable[str]) -> Extent:
    found = Extent(Kind.STRING, ())
    for word in words:
        found |= only(Kind.STRING, word)
    return found
