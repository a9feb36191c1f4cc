"""Rule packs: loaded, laid over each other, kept, and asked for decisions."""

from __future__ import annotations

from services.routing.packs.clocks import ClockRule
from services.routing.packs.deciding import PackDecider
from services.routing.packs.handoffs import HandoffRule
from services.routing.packs.pack import Pack
from services.routing.packs.places import check_places
from services.routing.packs.questions import INPUTS, inputs_of
from services.routing.packs.shelf import Placed, Shelf

__all__ = [
    "INPUTS",
    "ClockRule",
    "HandoffRule",
    "Pack",
    "PackDecider",
    "Placed",
    "Shelf",
    "check_places",
    "inputs_of",
]
