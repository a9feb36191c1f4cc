"""Histories as audit may hear them: the speakers mixed in any order."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter

from hypothesis import strategies as st

from tests.unit import audit_histories as told

HISTORIES = [
    told.newly_registered,
    told.waiting_for_the_village,
    told.declined_once,
    told.in_mediation,
    told.settled_in_the_village,
]


def by_speaker(events):
    ordered = sorted(events, key=attrgetter("speaker", "version"))
    return [list(said) for _, said in groupby(ordered, key=attrgetter("speaker"))]


@st.composite
def interleavings(draw, events):
    """The same events, each speaker's in order, the speakers mixed in any way."""
    queues, mixed = by_speaker(events), []
    while queues := [queue for queue in queues if queue]:
        mixed.append(draw(st.sampled_from(queues)).pop(0))
    return mixed
