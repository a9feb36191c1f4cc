"""The facts that can be thought otherwise: where each stands, and how it is put. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from services.routing.explaining.cases import Case
from services.routing.explaining.values import Standing
from shared.events.facts import Money
from shared.events.vocabulary import Flag

SOMEBODY = ""
"""A holder that is no body in particular."""


@dataclass(frozen=True)
class Fact:
    """Something that rules or directory look at. `inputs` are its names in the tables."""

    name: str
    standing: Standing
    inputs: tuple[str, ...]
    of: Callable[[Case], Any]
    put: Callable[[Case, Any], Case]


def _plain(name: str, standing: Standing = Standing.OPEN) -> Fact:
    return Fact(
        name,
        standing,
        (name,),
        lambda case: getattr(case.facts, name),
        lambda case, value: case.with_facts({name: value}),
    )


def _course(name: str) -> Fact:
    return Fact(
        name,
        Standing.COURSE,
        (name,),
        lambda case: getattr(case.asked, name),
        lambda case, value: case.with_course({name: value}),
    )


def _flag(flag: Flag) -> Fact:
    def put(case: Case, value: bool) -> Case:
        others = tuple(one for one in case.facts.flags if one is not flag)
        return case.with_facts({"flags": (*others, flag) if value else others})

    return Fact(
        flag, Standing.OPEN, (flag,), lambda case: flag in case.facts.flags, put
    )


def _yuan(case: Case) -> Decimal | None:
    return case.facts.amount.yuan if case.facts.amount else None


def _put_yuan(case: Case, yuan: Decimal | None) -> Case:
    return case.with_facts({"amount": None if yuan is None else Money(yuan=yuan)})


def _put_holder(case: Case, with_sender: bool) -> Case:
    return case.with_course({"holder": case.facts.sender if with_sender else SOMEBODY})


WITH_SENDER = Fact(
    "with_sender",
    Standing.COURSE,
    ("with_sender",),
    lambda case: case.asked.holder == case.facts.sender,
    _put_holder,
)
NOT_TAKEN_KIND = Fact(
    "not_taken",
    Standing.COURSE,
    ("not_taken",),
    lambda case: case.not_taken,
    lambda case, value: replace(case, not_taken=value),
)
PLACE = Fact(
    "place",
    Standing.FIXED,
    ("county", "township"),
    lambda case: case.facts.place,
    lambda case, value: case.with_facts({"place": value}),
)
FACTS: tuple[Fact, ...] = (
    _plain("kind"),
    _plain("side"),
    _plain("persons"),
    Fact("amount", Standing.OPEN, ("amount",), _yuan, _put_yuan),
    *map(_flag, Flag),
    _plain("organisation"),
    _plain("asked"),
    _course("declines"),
    _course("tier"),
    _course("reason"),
    WITH_SENDER,
    NOT_TAKEN_KIND,
    _plain("source", Standing.FIXED),
    PLACE,
)
"""All of them, in the order in which they are told."""

NUMBERS = {"side": 1, "persons": 1, "amount": 0, "declines": 0}
"""Facts that are numbers, with the least that each can be."""


def tried(bodies: frozenset[str]) -> tuple[Fact, ...]:
    """That one of these bodies tried before without success, or did not take it."""

    def without(found: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(body for body in found if body not in bodies)

    def course(name: str) -> Fact:
        return Fact(
            name,
            Standing.COURSE,
            (),
            lambda case: not bodies.isdisjoint(getattr(case.asked, name)),
            lambda case, _: case.with_course(
                {name: without(getattr(case.asked, name))}
            ),
        )

    return (
        Fact(
            "prior_failed",
            Standing.OPEN,
            (),
            lambda case: not bodies.isdisjoint(case.facts.prior_failed),
            lambda case, _: case.with_facts(
                {"prior_failed": without(case.facts.prior_failed)}
            ),
        ),
        course("tried"),
        course("passed_over"),
    )
