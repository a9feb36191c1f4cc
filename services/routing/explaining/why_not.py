"""The answer to "why not that body": ways that lead there, or what stands between. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.routing.directory import Directory
from services.routing.explaining.cases import Case
from services.routing.explaining.choices import Choices
from services.routing.explaining.merging import merged
from services.routing.explaining.obstacles import Obstacles
from services.routing.explaining.search import Led, Search
from services.routing.explaining.telling import way
from services.routing.explaining.values import Outcome, Text, Way, WhyNot
from services.routing.explaining.words import Words, phrase, word
from services.routing.packs.deciding import PackDecider
from shared.bodies import Body, BodyKind
from shared.calendar import SHANGHAI
from shared.events.routing import Routed

MOST_WAYS = 8


@dataclass(frozen=True)
class Ground:
    """What a decision is made with again."""

    decider: PackDecider
    directory: Directory
    present_directory: bool = False


def why_not(
    code: str, routed: Routed, at: datetime, target: str, ground: Ground
) -> WhyNot:
    """`target` is a body of the directory or a kind of body."""
    case = Case.of(routed, at)
    words = Words(ground.directory.region, ground.decider.pack)
    name = _name(target, words)
    search = _search(case, target, ground)
    told = WhyNot(
        **dict(phrase("said.none", target=name)),
        code=code,
        request=routed.request,
        target=target,
        name=name,
        outcome=Outcome.NONE,
        complete=search.choices.complete,
        present_directory=ground.present_directory,
        versions=routed.versions,
    )
    if led := search.led(routed):
        return _with(
            told,
            phrase(f"said.already_{led.role}", body=_body(led, words)),
            outcome=Outcome.ALREADY,
            role=led.role,
        )
    found = merged(search.hits())
    ways = tuple(way(one, case, routed, words) for one in found[:MOST_WAYS])
    obstacles = _obstacles(case, target, routed, ground, words)
    more = {"obstacles": obstacles, "more": len(found) - len(ways)}
    return _told(told, name, ways, **more)


def _told(told: WhyNot, name: Text, ways: tuple[Way, ...], **more: object) -> WhyNot:
    if ways:
        said = phrase("said.ways", target=name)
        return _with(told, said, outcome=Outcome.WAYS, ways=ways, **more)
    said = phrase("said.none" if told.complete else "said.none_found", target=name)
    return _with(told, said, **more)


def _with(told: WhyNot, said: Text, **more: object) -> WhyNot:
    return told.model_copy(update={**dict(said), **more})


def _search(case: Case, target: str, ground: Ground) -> Search:
    pack, directory = ground.decider.pack, ground.directory
    day = case.at.astimezone(SHANGHAI).date()
    choices = Choices(pack, directory, day, _targets(target, directory))
    return Search(case, ground.decider, choices, pack.profiles)


def _targets(target: str, directory: Directory) -> tuple[Body, ...]:
    bodies = directory.region.bodies
    if target in bodies:
        return (bodies[target],)
    return tuple(body for body in bodies.values() if body.kind == target)


def _obstacles(
    case: Case, target: str, routed: Routed, ground: Ground, words: Words
) -> tuple[object, ...]:
    found = Obstacles(case, ground.decider, ground.directory, words)
    if body := ground.directory.region.bodies.get(target):
        return found.of_body(body, routed)
    return found.of_kind(BodyKind(target))


def _name(target: str, words: Words) -> Text:
    if target in words.region.bodies:
        return words.body(target)
    return word("body_kind", target)


def _body(led: Led, words: Words) -> Text:
    return words.body(led.body)
