"""Proof of rule packs, exactly and not by sampling: every dispute gets one answer, every
answer leads to a body, every chain ends. Pure: no clock, database or broker.
"""

from __future__ import annotations

from services.routing.proof.certificate import (
    Certificate,
    Failure,
    Limit,
    is_intact,
)
from services.routing.proof.checking import check
from services.routing.proof.findings import Analysis, Finding, Found
from services.routing.proof.one_answer import not_one_answer
from services.routing.proof.tables import analyse_graph

__all__ = [
    "Analysis",
    "Certificate",
    "Failure",
    "Finding",
    "Found",
    "Limit",
    "analyse_graph",
    "check",
    "is_intact",
    "not_one_answer",
]
