"""Publishing rules: proposed, approved by two people, dated, and found again by content.

Which pack is in force on a day follows from what was said and from nothing else.
"""

from __future__ import annotations

from services.routing.publishing.archive import Archive, Content
from services.routing.publishing.domain import Publications
from services.routing.publishing.held import Held
from services.routing.publishing.proposals import InForce, Proposal, Stage
from services.routing.publishing.service import Publishing

__all__ = [
    "Archive",
    "Content",
    "Held",
    "InForce",
    "Proposal",
    "Publications",
    "Publishing",
    "Stage",
]
