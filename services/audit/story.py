"""The story of one dispute: every step, told once, whatever the order of hearing.

Pure: works on audit's own history. Nothing is left out; what is sealed stays sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from services.audit.causes import causes
from services.audit.limits import limits
from services.audit.order import in_causal_order
from services.audit.replay import told
from services.audit.seen import seen
from services.audit.sentences import sentence
from services.audit.steps import Ground, Reading, Sought, Step, Used, Who, Why
from services.audit.wording import Words
from shared.events.audit import EventHeard, StoryRead
from shared.events.base import Actor, Recorded
from shared.events.escalation import DecidedByHand, HumanAsked
from shared.events.routing import FiredRow
from shared.sealing import Sealed

TABLE = "table"
"""Under this name a decision has the version of its rule tables, `name@digest`."""

_SEALED = Sealed.model_fields.keys() - {"algorithm"}


class _Known(NamedTuple):
    """An event and the number of its step."""

    number: int
    event: EventHeard


def tell(history: Sequence[Recorded], words: Words) -> tuple[Step, ...]:
    """The steps in causal order, numbered from 1."""
    events = in_causal_order(told(history))
    known = {e.place: _Known(number, e) for number, e in enumerate(events, start=1)}
    came_from = causes(events)
    return tuple(
        _step(each, known.get(came_from[each.event.place] or ""), words)
        for each in known.values()
    )


def versions(steps: Iterable[Step], words: Words) -> tuple[Used, ...]:
    """The versions that the steps were decided with, in the order of their first use."""
    steps_by: dict[frozenset[tuple[str, str]], list[Step]] = {}
    for step in (step for step in steps if step.why.versions):
        steps_by.setdefault(frozenset(step.why.versions.items()), []).append(step)
    return tuple(_used(decided, words) for decided in steps_by.values())


def readings(history: Iterable[Recorded], words: Words) -> tuple[Reading, ...]:
    """Who read what of this dispute, in the order of reading."""
    return tuple(
        Reading(
            who=_who(recorded.actor, words),
            what=event.what,
            read_at=recorded.recorded_at,
            at=event.at,
            known_at=event.known_at,
        )
        for recorded in history
        if isinstance(event := recorded.event, StoryRead)
    )


def _used(steps: Sequence[Step], words: Words) -> Used:
    found = steps[0].why.versions
    present = words.names.has_rules(found.get(TABLE, ""))
    numbers = tuple(step.number for step in steps)
    return Used(versions=found, steps=numbers, present=present)


def _step(each: _Known, cause: _Known | None, words: Words) -> Step:
    number, event = each
    return Step(
        number=number,
        place=event.place,
        name=event.name,
        occurred_at=event.occurred_at,
        recorded_at=event.recorded_at,
        who=_who(event.actor, words),
        what=sentence(event.name, event.event, words),
        why=_why(event, cause, words),
        clocks=tuple(limits(event.event, words)),
        data=_masked(event.data, words.phrase("sealed").zh),
        event=event.event,
    )


def _who(actor: Actor, words: Words) -> Who:
    name = words.body(actor.body)
    return Who(body=actor.body, name=name, person=actor.person, role=actor.role)


def _why(event: EventHeard, cause: _Known | None, words: Words) -> Why:
    """Rows that a person overrode, or is to look at, are not the grounds of that."""
    by_hand = isinstance(event.event, DecidedByHand | HumanAsked)
    said, before = _said(event), _said(cause.event) if cause else {}
    rules = (said.get("versions") or before.get("versions", {})).get(TABLE, "")
    return Why(
        rows=() if by_hand else tuple(_grounds(said.get("rows", ()), rules, words)),
        search=tuple(_search(said.get("steps", ()), words)),
        facts=tuple(seen(event.event, words)),
        versions=said.get("versions", {}),
        cause=event.cause,
        step=cause.number if cause else None,
    )


def _said(event: EventHeard) -> Mapping[str, Any]:
    return vars(event.event) if event.event else {}


def _grounds(rows: Iterable[FiredRow], rules: str, words: Words) -> Iterator[Ground]:
    """In the words of the rules that decided, if it is known which did."""
    for row in rows:
        said = words.names.row(row.table, row.row, rules)
        yield Ground(**dict(row), **(dict(said) if said else {}))


def _search(steps: Iterable[Sequence[str]], words: Words) -> Iterator[Sought]:
    for step in filter(None, steps):
        yield Sought(code=step[0], **dict(words.searched(step)))


def _masked(data: Any, mask: str) -> Any:
    """The same JSON value with every sealed value replaced."""
    match data:
        case dict() if data.keys() >= _SEALED:
            return mask
        case dict():
            return {name: _masked(value, mask) for name, value in data.items()}
        case list() | tuple():
            return [_masked(value, mask) for value in data]
        case _:
            return data
