"""What intake notes of every referral, for the log and for those who count.

Only ids, codes and reasons: never the name of a field, which is the sender's word, and
never a value.
"""

from __future__ import annotations

import structlog

from services.intake.reading import Read
from services.intake.receipt import Answer, Receipt
from services.intake.refusals import ReferralRefusedError
from shared.events import watch
from shared.events.errors import DatabaseAwayError, FengqiaoError

log = structlog.get_logger()


def answered(read: Read, answer: Answer | FengqiaoError, channel: str) -> None:
    """A referral that could be read was registered, known, returned or refused."""
    dispute = str(read.dispute)
    if isinstance(answer, FengqiaoError):
        not_taken(answer, channel, dispute)
    elif isinstance(answer.given, Receipt):
        outcome = "known" if answer.again else "registered"
        _note(outcome, channel, dispute, code=answer.given.code)
    else:
        _note("returned", channel, dispute, again=answer.again)


def corrected(dispute: str, code: str, channel: str, *, again: bool) -> None:
    _note("corrected", channel, dispute, code=code, again=again)


def not_taken(error: FengqiaoError, channel: str, dispute: str | None = None) -> None:
    """A referral was not taken; whether it had a dispute's id yet depends on why."""
    if isinstance(error, DatabaseAwayError):
        return  # not refused: it comes again
    watch.count("referrals", "refused", channel)
    reasons: list[object] = [error.facts.get("reason", error.code)]
    if isinstance(error, ReferralRefusedError) and error.problems:
        reasons = [*sorted({problem.reason for problem in error.problems})]
    log.warning("referral_refused", dispute=dispute, reasons=reasons, by=channel)


def _note(outcome: str, channel: str, dispute: str, **facts: object) -> None:
    watch.count("referrals", outcome, channel)
    what = "dispute" if outcome == "registered" else "referral"
    log.info(f"{what}_{outcome}", dispute=dispute, by=channel, **facts)
