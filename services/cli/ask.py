"""Questions: the ledger, the story of a dispute, its state at a time."""

from __future__ import annotations

from typing import Annotated

import typer

from services.audit import forms, render, render_state, render_story
from services.audit.questions import Question, StoryAsked, read
from services.audit.views import Asked
from services.cli.options import (
    Code,
    Json,
    Person,
    ReaderBody,
    a_house,
    show,
    show_json,
)
from services.cli.typed import as_typed
from services.cli.words import both

app = typer.Typer()

Holder = Annotated[str | None, typer.Option(help=both("holder"))]
OfferedTo = Annotated[str | None, typer.Option("--offered-to", help=both("offered_to"))]
Stage = Annotated[str | None, typer.Option(help=both("stage"))]
Place = Annotated[str | None, typer.Option(help=both("place"))]
Open = Annotated[bool, typer.Option("--open", help=both("open"))]
Limit = Annotated[int, typer.Option(help=both("limit"))]
After = Annotated[str | None, typer.Option(help=both("after"))]
At = Annotated[str | None, typer.Option("--at", help=both("at"))]
WhyNot = Annotated[str | None, typer.Option("--why-not", help=both("why_not"))]
KnownAt = Annotated[str | None, typer.Option("--known-at", help=both("known_at"))]


@app.command(help=both("ledger"))
def ledger(
    holder: Holder = None,
    offered_to: OfferedTo = None,
    stage: Stage = None,
    place: Place = None,
    open_only: Open = False,
    limit: Limit = 100,
    after: After = None,
    as_json: Json = False,
) -> None:
    given = {
        "holder": holder,
        "offered_to": offered_to,
        "stage": stage,
        "place": place,
        "after": after,
    }
    asked = read(
        Asked, {**_said(given), "open_only": str(open_only), "limit": str(limit)}
    )
    with a_house() as house:
        page = house.audit.ledger.page(asked)
        if as_json:
            show_json(forms.ledger_json(page, house.audit.words))
        else:
            show(render.ledger(page, house.audit.words))


@app.command(help=both("story"))
def story(
    code: Code,
    why_not: WhyNot = None,
    reader: ReaderBody = None,
    person: Person = None,
    as_json: Json = False,
) -> None:
    given = {"why_not": why_not, "reader": reader, "person": person}
    asked = read(StoryAsked, _said(given))
    with a_house() as house, as_typed(code):
        found = house.audit.story(code, asked.why_not)
        house.audit.was_read(code, asked.actor, "story")
        if as_json:
            show_json(forms.story_json(found))
        else:
            show(render_story.story(found, house.audit.words))


@app.command(help=both("state"))
def state(
    code: Code,
    at: At = None,
    known_at: KnownAt = None,
    reader: ReaderBody = None,
    person: Person = None,
    as_json: Json = False,
) -> None:
    given = {"at": at, "known_at": known_at, "reader": reader, "person": person}
    asked = read(Question, _said(given))
    with a_house() as house:
        found = house.audit.state_of(code, asked)
        house.audit.was_read(code, asked.actor, "state", asked)
        words, when = house.audit.words, (asked.at, asked.known_at)
        if as_json:
            show_json(forms.state_json(found, words, *when))
        else:
            show(render_state.state(found, words, *when))


def _said(given: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in given.items() if value is not None}
