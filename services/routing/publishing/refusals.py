"""Why a change of rules is refused: what is the case, and what to do. Pure.

The words stand in the message file under the reason; nothing that was in force changes.
"""

from __future__ import annotations

import re
from datetime import date

from services.routing.publishing.domain import Publications
from services.routing.publishing.proposals import Proposal, Stage
from shared.events.errors import RefusedError
from shared.events.rules import Certificate

_NAME = re.compile(r"[0-9A-Za-z]+(-[0-9A-Za-z]+)*|[\u4e00-\u9fff]+")
_LONGEST_NAME = 80
LATEST = date(2200, 12, 31)
"""A day after this one is a slip of the pen."""

WORDS = {
    "nothing-adopted": "no pack was ever in force here; start the product once",
    "another-region": "the pack is of another region; propose it there",
    "certificate-failed": "its certificate did not pass; mend the pack and check it",
    "certificate-of-another": "the certificate speaks of another pack; check this one",
    "certificate-outdated": "the certificate was made with another directory; check again",
    "backtest-of-another": "the backtest was made with another pack; run it with this one",
    "starts-in-past": "a pack cannot start in the past; choose a later day",
    "starts-today": "only an emergency starts today; choose tomorrow or later",
    "too-late": "that day is too far away; correct it",
    "before-its-own": "the pack says that it begins later; choose that day or a later one",
    "after-its-own": "the pack says that it ends earlier; choose an earlier last day",
    "ends-before": "its last day is before its first; choose a later one",
    "emergency-endless": "an emergency has a last day; name it",
    "emergency-too-long": "an emergency may not last so long; choose an earlier last day",
    "two-packs": "another pack starts on that day; withdraw it, or choose another day",
    "no-such-proposal": "there is no proposal of that number; list them",
    "proposal-ended": "the proposal has ended; propose again",
    "no-reason": "say why",
    "nameless": "say which person does this",
    "by-unknown": "who acts is told as body/person, and that body is not in the directory",
    "by-nameless": "who acts is told as body/person, and there is no person",
    "by-not-entitled": "a public body of county tier or above decides on rules",
    "work-name": "a work name has ASCII letters, digits and inner hyphens, or is Chinese",
    "software-approves": "only people approve",
    "approved-already": "that person has approved; another one must",
    "not-approved": "two different people must approve first",
    "not-published": "that proposal is not published",
    "no-such-content": "nothing is stored under that digest; was it published here?",
    "tampered": "what is stored is not what the digest names; restore it from a backup",
    "ended-already": "it has ended already",
    "begun-already": "it is in force; propose the former pack again",
    "directory-uncertified": "a certificate of a pack with this directory is missing",
}


def refused(reason: str, **facts: object) -> RefusedError:
    return RefusedError(f"rules-{reason}", WORDS[reason], **facts)


def must_be_person(person: str) -> None:
    """A work name (工作姓名) that cannot be written another way that looks the same."""
    if not person.strip():
        raise RefusedError("nameless", WORDS["nameless"])
    if len(person) > _LONGEST_NAME or not _NAME.fullmatch(person):
        raise refused("work-name")


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


def must_be_within(
    first: date, last: date | None, own_first: date | None, own_last: date | None
) -> None:
    """A pack is in force on no day for which it does not say that it is meant."""
    if own_first and first < own_first:
        raise refused("before-its-own", day=first, own=own_first)
    if own_last and (last is None or last > own_last):
        raise refused("after-its-own", until=last or "—", own=own_last)


def must_start_in_time(
    first: date, last: date | None, emergency: bool, most: int | None, today: date
) -> None:
    if first < today:
        raise refused("starts-in-past", day=first, today=today)
    if first == today and not emergency:
        raise refused("starts-today", day=first)
    for field, day in (("valid_from", first), ("valid_to", last)):
        if day and day > LATEST:
            raise refused("too-late", field=field, day=day, latest=LATEST)
    if last and last < first:
        raise refused("ends-before", day=first, until=last)
    if emergency and last is None:
        raise refused("emergency-endless")
    if emergency and last and most and (last - first).days + 1 > most:
        raise refused("emergency-too-long", until=last, most=most)
