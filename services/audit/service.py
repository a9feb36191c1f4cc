"""Audit as a service: hears everybody, keeps it all, tells what was, and was known.

Records and never decides. What somebody reads here is itself recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

import structlog

from services.audit import policy, projection
from services.audit.about import about
from services.audit.domain import Dispute
from services.audit.messages import messages
from services.audit.names import RegionNames, RuleWords, no_rules
from services.audit.questions import NEWEST, Question
from services.audit.reasons import NO_REASONS, Reasons, explained
from services.audit.replay import state_at
from services.audit.steps import Story
from services.audit.story import readings, tell, versions
from services.audit.views import Ledger
from services.audit.wording import Words
from shared.events.audit import StoryRead
from shared.events.base import Actor
from shared.events.database import Database
from shared.events.errors import FengqiaoError
from shared.events.store import Changed, Intent, Service, Statement
from shared.events.wire import Told
from shared.region import Region

log = structlog.get_logger()


class AuditService(Service):
    """The ledger of all disputes, and the story of each.

    `rules` tells what rule rows say; it is asked for every story, for rules that are
    published while the service runs. `reasons` adds to decisions what only routing knows.
    """

    name = "audit"
    empty = Dispute()

    def __init__(
        self,
        database: Database,
        region: Region,
        rules: Callable[[], RuleWords] = no_rules,
        reasons: Reasons = NO_REASONS,
    ) -> None:
        super().__init__(database)
        self._rules, self._reasons = rules, reasons
        self.words = Words(RegionNames(region), messages())
        self.ledger = Ledger(database)

    def gathered(self, told: Sequence[Told]) -> Iterable[Sequence[Told]]:
        """All that came at once of a dispute is kept as one entry."""
        found: dict[UUID, list[Told]] = {}
        for each in told:
            found.setdefault(each.dispute, []).append(each)
        return found.values()

    def intent_of(self, told: Sequence[Told], at: datetime) -> Intent:
        """Keep what was told, also an event that nobody here can read yet.

        The cause names the newest of each speaker: what another process has heard
        besides may begin with the same event, and end sooner.
        """
        heard = tuple(policy.heard(each) for each in told)
        newest = {each.speaker: each.place for each in told}
        return Intent(
            told[0].dispute,
            ",".join(newest[speaker] for speaker in sorted(newest)),
            lambda state: state.hear(heard),
            self._itself,
            heard[-1].recorded_at,
        )

    def project(self, changed: Changed) -> Iterable[Statement]:
        return projection.rows(changed)

    def story(self, code: str, why_not: str | None = None) -> Story:
        """Every step of the dispute with this code; with the name of a body or a kind of
        body also why each decision did not choose it.

        Raises `UnknownDisputeError`, and `RefusedError` if there is no such body.
        """
        row = self.ledger.by_code(code)
        history = self.history(row.dispute)
        words = self.words.under(self._rules())
        told = tell(history, words)
        named = row.code or code
        steps = tuple(explained(told, named, self._reasons, words, why_not))
        return Story(
            dispute=row.dispute,
            code=row.code,
            about=about(row, words),
            steps=steps,
            versions=versions(steps, words),
            readings=readings(history, words),
        )

    def state_of(self, code: str, asked: Question = NEWEST) -> Dispute:
        """How the dispute stands, or stood as asked. Raises `UnknownDisputeError`."""
        dispute = self.ledger.by_code(code).dispute
        at = asked.at or self.database.now()
        return state_at(self.history(dispute), at, asked.known_at)

    def was_read(
        self, code: str, reader: Actor | None, what: str, asked: Question = NEWEST
    ) -> None:
        """Record who read what, if the reader is named.

        If that fails, nobody is kept from reading: it is only logged.
        """
        if reader is None:
            return
        event = StoryRead(what=what, at=asked.at, known_at=asked.known_at)
        try:
            dispute = self.ledger.by_code(code).dispute
            self.decide(dispute, f"read/{uuid4()}", lambda _: [event], actor=reader)
        except FengqiaoError as error:
            log.warning("reading_not_recorded", reason=error.code)
