"""What routing knows of its decisions, told to audit in the shape of its stories."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import structlog

from services.audit.messages import Text
from services.audit.steps import Beside, Ground, Told
from services.problems import problem
from services.routing.explaining import values
from services.routing.explaining.entailed import HandoffTerms, Linked
from services.routing.explaining.service import Explanations
from services.routing.explaining.words import phrase
from shared.events.errors import FengqiaoError, RefusedError
from shared.events.routing import Routed

log = structlog.get_logger()


class Reasons:
    """Asks the explanations when a story is told."""

    def __init__(self, explanations: Callable[[], Explanations]) -> None:
        self._explanations = explanations

    def beside(self, routed: Routed, at: datetime) -> Beside:
        """If routing's store is damaged, the story is told without it."""
        try:
            found = self._explanations().beside(routed, at)
        except FengqiaoError as error:
            log.warning("decision_not_explained", reason=error.code)
            return Beside()
        return Beside(
            rows=tuple(Ground(**dict(row)) for row in found.rows),
            handoff=found.handoff and _handoff(found.handoff),
            linkage=found.linkage and _linkage(found.linkage),
        )

    def why_not(self, code: str, routed: Routed, at: datetime, target: str) -> Told:
        """A decision that cannot be made again says so, and others are told all the same.

        Raises `RefusedError` if there is no such body.
        """
        told = self._explanations()
        try:
            found = told.why_not_of(code, routed, at, target)
        except RefusedError as error:
            return _refused(error, target, told.knows(target))
        nearest = tuple(_nearest(found))
        data = found.model_dump(mode="json", exclude_none=True)
        return Told(zh=found.zh, en=found.en, more=nearest, data=data)


def _refused(error: RefusedError, target: str, known: bool) -> Told:
    said, data = _problem(error)
    if error.reason == "unknown-body":
        if not known:
            error.facts["field"] = "why_not"
            raise error
        said = _text(phrase("said.not_there_then", body=target))
    return Told(**dict(said), data=data)


def _problem(error: RefusedError) -> tuple[Text, dict[str, Any]]:
    told = problem(error)
    return Text(zh=told["detail"], en=told["detail_en"]), told


def _nearest(found: values.WhyNot) -> Iterator[Text]:
    """The nearest change, how many there are besides, and what stands between."""
    for way in found.ways[:1]:
        yield _text(way)
    if others := len(found.ways[1:]) + found.more:
        yield _text(phrase("said.more", count=others))
    if not found.ways:
        yield from map(_text, found.obstacles)
    if found.present_directory:
        yield _text(phrase("said.present_directory"))


def _handoff(found: HandoffTerms) -> Told:
    return Told(
        **dict(_text(found)),
        legal_basis=found.legal_basis,
        provisional=found.provisional,
        data=found.model_dump(mode="json"),
    )


def _linkage(found: Linked) -> Told:
    return Told(**dict(_text(found)), data=found.model_dump(mode="json"))


def _text(found: values.Text) -> Text:
    return Text(zh=found.zh, en=found.en)
