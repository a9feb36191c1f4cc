"""Worlds in which some facts are otherwise, with what goes along with them. Pure.

One in which facts contradict each other (more on one side than in all) is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.routing.domain import NOT_TAKEN
from services.routing.explaining.cases import Case
from services.routing.explaining.facts import Fact
from shared.bodies import Profile
from shared.events.vocabulary import RouteReason, Source

Profiles = Mapping[Source, Profile]

AT_FIRST = frozenset({RouteReason.REGISTERED, RouteReason.CORRECTED})
"""Then nobody can have declined yet."""


def changed(case: Case, changes: Mapping[Fact, Any], profiles: Profiles) -> Case | None:
    """The world with these changes and what they entail; None if there is none such."""
    world = case
    for fact, value in changes.items():
        world = fact.put(world, value)
    names = {fact.name for fact in changes}
    counted = _counted(world, names)
    asking = counted and _asking(counted, names, profiles)
    return asking and _declined(asking, case, names)


def _counted(case: Case, names: set[str]) -> Case | None:
    """Ten on one side are at least eleven in all."""
    facts = case.facts
    if facts.side < max(facts.persons, 2) or not names & {"side", "persons"}:
        return case
    if names >= {"side", "persons"}:
        return None
    if "side" in names:
        return case.with_facts({"persons": facts.side + 1})
    return case.with_facts({"side": max(facts.persons - 1, 1)})


def _asking(case: Case, names: set[str], profiles: Profiles) -> Case | None:
    """A sender names only handoffs that its source may ask for."""
    profile = profiles.get(case.facts.source)
    if not names & {"asked", "source"} or profile is None:
        return case
    if case.facts.asked in profile.may_ask:
        return case
    return None if "asked" in names else case.with_facts({"asked": profile.handoff})


def _declined(case: Case, before: Case, names: set[str]) -> Case | None:
    """Who has declined has been asked, and by way of some handoff."""
    if "not_taken" in names and case.asked.reason not in NOT_TAKEN:
        return None
    if not names & {"declines", "reason"}:
        return case
    if case.asked.declines and case.asked.reason in AT_FIRST:
        if "reason" in names:
            return None
        case = case.with_course({"reason": RouteReason.DECLINED})
    if case.asked.reason is RouteReason.DECLINED and not case.asked.declines:
        if "declines" in names:
            return None
        case = case.with_course({"declines": 1})
    unsaid = case.not_taken is None and "not_taken" not in names
    if case.asked.reason in NOT_TAKEN and unsaid:
        return replace(case, not_taken=before.facts.asked)
    return case
