"""What may not be: each check names what it found, one line each. Reads nothing itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import groupby

from services.compose import HEARS
from tests.chaos.stored import Event, Stored

SPEAKERS = sorted({speaker for speakers in HEARS.values() for speaker in speakers})
PRIVATE = {"dispute.learned", "directory.found", "pack.adopted"}
"""Events of speakers that nobody else is told."""

ONCE: dict[str, Callable[[Event], Hashable]] = {
    "dispute.registered": lambda e: e.dispute,
    "custody.opened": lambda e: e.dispute,
    "route.requested": lambda e: (e.dispute, e.data["request"]),
    "dispute.routed": lambda e: (e.dispute, e.data["request"]),
    "clock.breached": lambda e: (e.dispute, e.data["clock"], e.data["due"]),
    "clock.warned": lambda e: (e.dispute, e.data["clock"], e.data["due"]),
    "notice.queued": lambda e: e.data["notice"],
    "notice.sent": lambda e: e.data["notice"],
}
"""Events that may be there once for what they say of them."""


def doubled(found: Stored) -> Iterator[str]:
    """What had its effect twice."""
    for name, identity in ONCE.items():
        events = [e for e in found.events if e.name == name]
        for what, times in _repeated(identity(e) for e in events):
            yield f"{name} {times} times for {what}"
    for place, times in _repeated(found.heard):
        yield f"audit heard {place} {times} times"
    for cause in _taken_up_again(found.events):
        yield f"{cause} was carried out twice"
    for code, times in _repeated(row["code"] for row in found.rows["receipts"]):
        yield f"{times} disputes have the code {code}"
    different = ((each.where, each.notice) for each in set(found.letters))
    for letter, times in _repeated(different):
        yield f"{times} different letters are {letter}"


def lost(found: Stored) -> Iterator[str]:
    """What should have come of something and did not, or only by half."""
    yield from _gaps(found)
    opened = {e.dispute for e in found.of("escalation", "custody.opened")}
    told = {e.dispute for e in found.of("notifications", "notice.queued")}
    for event in found.of("intake", "dispute.registered"):
        if event.dispute not in opened:
            yield f"{event.dispute} is registered, and escalation knows nothing"
        if event.dispute not in told:
            yield f"{event.dispute} is registered, and nobody is told"
    routed = found.of("routing", "dispute.routed")
    answered = {(e.dispute, e.data["request"]) for e in routed}
    for event in found.of("escalation", "route.requested"):
        if (event.dispute, event.data["request"]) not in answered:
            yield f"{event.dispute}: routing never answered {event.data['request']}"
    yield from _unheard(found)
    yield from _unsent(found)
    yield from _torn(found)


def orphaned(found: Stored) -> Iterator[str]:
    """Disputes that nobody holds."""
    held = {row["dispute"] for row in found.rows["custody"] if row["holder"]}
    seen = {row["dispute"] for row in found.rows["ledger"] if row["holder"]}
    for event in found.of("intake", "dispute.registered"):
        if event.dispute not in held & seen:
            yield f"{event.dispute} has no holder"


def silent(found: Stored) -> Iterator[str]:
    """Open disputes for which nothing will happen by itself."""
    running = {row["dispute"] for row in found.rows["clocks"]}
    for row in found.rows["custody"]:
        if row["stage"] != "closed" and row["dispute"] not in running:
            yield f"{row['dispute']} is {row['stage']} and has no clock"
    for row in found.rows["ledger"]:
        if row["code"] and row["open"] and row["next_due"] is None:
            yield f"{row['dispute']}: audit knows no next clock"


def late(found: Stored) -> Iterator[str]:
    """Clocks that should have been looked at, and notices that should be out."""
    for row in found.rows["clocks"]:
        if row["next_at"] < found.now:
            yield f"{row['clock']} of {row['dispute']} came due at {row['next_at']}"
    for row in found.rows["deliveries"]:
        if row["state"] == "queued" and (row["next_try"] or found.now) < found.now:
            yield f"notice {row['notice']} should go out at {row['next_try']}"


def _repeated(found: Iterable[Hashable]) -> Iterator[tuple[Hashable, int]]:
    """What is there more than once, and how often."""
    return ((what, times) for what, times in Counter(found).items() if times > 1)


def _taken_up_again(events: Iterable[Event]) -> Iterator[str]:
    """Causes whose events do not lie in one row, or say the same twice."""

    def by_version(event: Event) -> tuple[str, object, int]:
        return event.service, event.dispute, event.version

    done = set[Hashable]()
    ordered = sorted(events, key=by_version)
    for what, together in groupby(ordered, lambda e: (e.service, e.dispute, e.cause)):
        said = [(e.name, e.body) for e in together]
        if what in done or len(set(said)) < len(said):
            yield " ".join(map(str, what))
        done.add(what)


def _gaps(found: Stored) -> Iterator[str]:
    """Histories whose versions do not run from 1 without a hole."""
    ordered = sorted(event.place for event in found.events)
    for (service, dispute), places in groupby(ordered, lambda p: p[:2]):
        versions = [version for _, _, version in places]
        if versions != list(range(1, len(versions) + 1)):
            yield f"{service} {dispute}: versions {versions}"


def _unheard(found: Stored) -> Iterator[str]:
    heard = set(found.heard)
    for event in (e for name in SPEAKERS for e in found.of(name)):
        if event.name not in PRIVATE and event.place not in heard:
            yield f"audit never heard {event.name} at {event.place}"


def _unsent(found: Stored) -> Iterator[str]:
    """Notices that are recorded as sent and lie nowhere."""
    out = {letter.notice for letter in found.letters}
    for event in found.of("notifications", "notice.sent"):
        if (
            event.data["channel"] in ("topic", "file")
            and event.data["notice"] not in out
        ):
            yield f"notice {event.data['notice']} is called sent and lies nowhere"


def _torn(found: Stored) -> Iterator[str]:
    """Rows that were not written together with their events."""
    receipts = {row["dispute"] for row in found.rows["receipts"]}
    registered = {e.dispute for e in found.of("intake", "dispute.registered")}
    for dispute in receipts ^ registered:
        yield f"{dispute}: receipt or registration is missing"
    newest = {e.dispute: e.version for e in found.of("escalation")}
    for row in found.rows["custody"]:
        if row["version"] != newest.get(row["dispute"]):
            yield f"{row['dispute']}: its row of custody is not of its newest event"
