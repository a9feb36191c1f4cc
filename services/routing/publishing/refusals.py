"""Why a change of rules is refused: what is the case, and what to do. Pure.

The words stand in the message file under the reason; nothing that was in force changes.
"""

from __future__ import annotations

import re
from datetime import date

from services.routing.publishing.domain import Proposal, Publications, Stage
from shared.events.errors import RefusedError
from shared.events.rules import Certificate

_NAME = re.compile(r"[\w.:/@-]{1,80}")

WORDS = {
    "nothing-adopted": "no pack was ever in force here; start the product once",
    "another-region": "the pack is of another region; propose it there",
    "certificate-failed": "its certificate did not pass; mend the pack and check it",
    "certificate-of-another": "the certificate speaks of another pack; check this one",
    "certificate-outdated": "the certificate was made with another directory; check again",
    "backtest-of-another": "the backtest was made with another pack; run it with this one",
    "starts-in-past": "a pack cannot start in the past; choose a later day",
    "starts-today": "only an emergency starts today; choose tomorrow or later",
    "ends-before": "its last day is before its first; choose a later one",
    "emergency-endless": "an emergency has a last day; name it",
    "emergency-too-long": "an emergency may not last so long; choose an earlier last day",
    "two-packs": "another pack starts on that day; withdraw it, or choose another day",
    "no-such-proposal": "there is no proposal of that number; list them",
    "proposal-ended": "the proposal has ended; propose again",
    "no-reason": "say why",
    "nameless": "say which person does this",
    "software-approves": "only people approve",
    "approved-already": "that person has approved; another one must",
    "not-approved": "two different people must approve first",
    "not-published": "that proposal is not published",
    "no-such-content": "nothing is stored under that digest; was it published here?",
    "ended-already": "it has ended already",
    "begun-already": "it is in force; propose the former pack again",
    "directory-uncertified": "a certificate of a pack with this directory is missing",
}


def refused(reason: str, **facts: object) -> RefusedError:
    return RefusedError(f"rules-{reason}", WORDS[reason], **facts)


def must_be_person(person: str) -> None:
    if not _NAME.fullmatch(person):
        raise RefusedError("nameless", WORDS["nameless"])


def must_have_reason(reason: str) -> None:
    if not reason.strip():
        raise refused("no-reason")


def must_be_open(state: Publications, number: int) -> Proposal:
    found = state.proposals.get(number)
    if found is None:
        raise refused("no-such-proposal", proposal=number)
    if found.stage is not Stage.OPEN:
        raise refused("proposal-ended", proposal=number, stage=found.stage)
    return found


def must_suit(shown: Certificate, pack: str, directory: str) -> None:
    """The certificate has passed, and is of exactly this pack with this directory."""
    if shown.pack != pack:
        raise refused("certificate-of-another", pack=pack, found=shown.pack)
    if shown.directory != directory:
        raise refused(
            "certificate-outdated", found=shown.directory, directory=directory
        )
    if not shown.passed:
        raise refused("certificate-failed", pack=pack)


def must_start_in_time(
    first: date, last: date | None, emergency: bool, most: int | None, today: date
) -> None:
    if first < today:
        raise refused("starts-in-past", day=first, today=today)
    if first == today and not emergency:
        raise refused("starts-today", day=first)
    if last and last < first:
        raise refused("ends-before", day=first, until=last)
    if emergency and last is None:
        raise refused("emergency-endless")
    if emergency and last and most and (last - first).days + 1 > most:
        raise refused("emergency-too-long", until=last, most=most)
