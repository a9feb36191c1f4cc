"""What must be known of the pack in the region's folder before it decides unpublished.

All others come with a certificate.
"""

from __future__ import annotations

from services.routing import proof
from services.routing.dmn import DmnRefusedError, Fault
from services.routing.packs import Pack
from services.texts import Language
from shared.region import Region


class Unproved(Fault):
    """Why a table is not proved, in the words of the proof."""

    def words(self, language: Language) -> str:
        return str(self.facts[language])


def must_answer(pack: Pack, region: Region) -> None:
    """Raises `DmnRefusedError` where some dispute has no answer of a table, or two."""
    if found := proof.not_one_answer(pack, region):
        raise DmnRefusedError(*(_fault(pack, one) for one in found))


def _fault(pack: Pack, found: proof.Failure) -> Fault:
    place = pack.tables[found.table].place()
    return Unproved(f"proof.{found.code}", place, {"zh": found.zh, "en": found.en})
