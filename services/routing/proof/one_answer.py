"""Whether the tables of a pack give every dispute exactly one answer; nothing more.

For a pack that begins to decide without a certificate. It costs nothing where a look at
the tables is enough.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.packs.checks import answers_plainly
from services.routing.packs.pack import Pack
from services.routing.proof.analysis import TableAnalysis
from services.routing.proof.certificate import Failure
from services.routing.proof.columns import NotProvableError
from services.routing.proof.findings import Finding, Found
from services.routing.proof.pack_world import USUAL, world_of
from services.routing.proof.smallest import Smallest
from services.routing.proof.web import Web
from services.routing.proof.wording import Wording
from shared.region import Region


def not_one_answer(pack: Pack, region: Region) -> tuple[Failure, ...]:
    """Why some dispute of the region may have no answer of a table, or two."""
    return tuple(map(Wording(pack, region).found, _found(pack, region)))


def _found(pack: Pack, region: Region) -> Iterator[Found]:
    doubtful = [one for one in pack.tables.values() if not answers_plainly(one)]
    if not doubtful:
        return
    try:
        web = Web(pack.graph, world_of(pack, region))
    except NotProvableError as error:
        yield Found(Finding.NOT_PROVABLE, error.table, column=error.column)
        return
    smallest = Smallest(web, USUAL)
    for table in doubtful:
        yield from TableAnalysis(web, table, smallest).not_one_answer()
