"""The analysis of all tables of a graph."""

from __future__ import annotations

from services.routing.dmn.graph import Graph
from services.routing.proof.analysis import TableAnalysis
from services.routing.proof.columns import NotProvableError
from services.routing.proof.findings import Analysis, Finding, Found
from services.routing.proof.smallest import Smallest, Usual
from services.routing.proof.web import Web
from services.routing.proof.world import World


def analyse_graph(
    graph: Graph, world: World | None = None, usual: Usual | None = None
) -> list[Analysis]:
    """All tables, each for the answers of the tables above it that can really come.

    What cannot be proved is a finding of its own, never passed over.
    """
    try:
        web = Web(graph, world)
        smallest = Smallest(web, usual)
        return [
            TableAnalysis(web, laid.table, smallest).made()
            for laid in web.laid.values()
        ]
    except NotProvableError as error:
        found = Found(Finding.NOT_PROVABLE, error.table, column=error.column)
        return [Analysis(error.table, 0, 0, 0, 0, (found,))]
