"""Messages that wait for repair: list, show, release."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer
from rich.table import Table

from services.audit.render import line
from services.cli.options import Json, Repaired, a_house, fields, show, show_json
from services.cli.words import both
from shared.calendar import SHANGHAI
from shared.events.base import Actor
from shared.events.inbox import ParkedMessage

app = typer.Typer(no_args_is_help=True)

Message = Annotated[UUID, typer.Argument(help=both("message"))]
By = Annotated[str, typer.Option(help=both("by"))]
Discard = Annotated[bool, typer.Option("--discard", help=both("discard"))]
Why = Annotated[str, typer.Option(help=both("why"))]


@app.command("list", help=both("parked_list"))
def list_all(as_json: Json = False) -> None:
    with a_house() as house:
        found = [
            _facts(name, message)
            for name, inbox in house.inboxes().items()
            for message in inbox.parked()
        ]
    if as_json:
        show_json(found)
    elif found:
        table = Table(*[both(f"field.{name}") for name in found[0]], box=None)
        for row in found:
            table.add_row(*[line(str(cell)) for cell in row.values()])
        show(table)
    else:
        show(both("nothing_parked"))


@app.command("show", help=both("parked_show"))
def show_one(message: Message, as_json: Json = False) -> None:
    with a_house() as house:
        name, found = house.parked_message(message)
    body = found.body.decode("utf-8", "backslashreplace")
    facts = {**_facts(name, found), "headers": found.headers, "body": body}
    if as_json:
        show_json(facts)
    else:
        show(fields(facts))


@app.command(help=both("parked_release"))
def release(
    message: Message,
    by: By,
    why: Why,
    body: Repaired = None,
    discard: Discard = False,
    as_json: Json = False,
) -> None:
    office, _, person = by.partition("/")
    actor = Actor(body=office, person=person or None, role="repair")
    repaired = body.read_bytes() if body else None
    with a_house() as house:
        done = house.release(message, by=actor, why=why, body=repaired, discard=discard)
    if as_json:
        show_json([str(each) for each in done])
    else:
        show(both("released", count=len(done)))


def _facts(service: str, message: ParkedMessage) -> dict[str, object]:
    return {
        "message": str(message.message),
        "service": service,
        "came_from": message.came_from,
        "reason": message.reason,
        "behind": message.behind,
        "parked_at": message.parked_at.astimezone(SHANGHAI).isoformat(" ", "minutes"),
    }
