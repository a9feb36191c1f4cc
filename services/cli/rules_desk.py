"""What the commands about rules work at: the house, its publications, who acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NamedTuple

import typer

from services.cli.options import a_house
from services.cli.words import both
from services.compose import House
from services.routing.publishing import Archive, Publishing
from services.routing.publishing.packs import PublishedPacks
from services.routing.publishing.people import Authority, Person, authority
from services.routing.publishing.refusals import refused

By = Annotated[str, typer.Option("--by", help=both("rules.by"))]
Why = Annotated[str, typer.Option("--why", help=both("rules.why"))]
Number = Annotated[int, typer.Argument(help=both("rules.number"), min=1)]


class Desk(NamedTuple):
    """The parts that publish rules, over the data of the settings."""

    house: House
    publishing: Publishing
    archive: Archive
    packs: PublishedPacks

    def person(self, told: str) -> Person:
        """Who acts, told as body/person. Raises `RefusedError` if it is not so."""
        body, _, person = told.partition("/")
        if body not in self.house.region.bodies:
            raise refused("by-unknown", body=body)
        if not person.strip():
            raise refused("by-nameless", by=body)
        return Person(by=body, person=person)

    def authority(self, told: str) -> Authority:
        """As `person`, of a body that may decide on rules for the whole region."""
        return authority(self.person(told), self.house.region, self.publishing.today())


@contextmanager
def a_desk() -> Iterator[Desk]:
    """The desk for one command."""
    with a_house() as house:
        yield Desk(house, house.publishing, house.archive, house.rules)
