"""The errors that cross a boundary. Each says what was tried, what is, what to do.

No error carries personal data: fields are named, values of persons are not.
"""

from __future__ import annotations

import re
from collections.abc import Collection


class FengqiaoError(Exception):
    """Something that a caller can understand and act on.

    `code` is stable and names the texts in the message files; `facts` fills them.
    """

    code = "error"

    def __init__(self, words: str, **facts: object) -> None:
        self.facts = facts
        super().__init__(words)


class NotAllowedNowError(FengqiaoError):
    """A command came at a moment when the dispute does not allow it."""

    code = "not-allowed-now"

    def __init__(self, command: str, stage: str, allowed: Collection[str]) -> None:
        self.command, self.stage, self.allowed = command, stage, tuple(allowed)
        needed = " or ".join(sorted(allowed))
        super().__init__(
            f"cannot {command}: the dispute is {stage}, and must be {needed}",
            command=command,
            stage=stage,
            allowed=needed,
        )


class NotYoursError(FengqiaoError):
    """A body tried to act where another body must act."""

    code = "not-yours"

    def __init__(self, command: str, body: str, whose: str | None) -> None:
        super().__init__(
            f"{body} cannot {command}: that is for {whose}; ask them, or ask for routing",
            command=command,
            body=body,
            whose=whose,
        )


class RefusedError(FengqiaoError):
    """A rule of law or of the house forbids the command as it was given."""

    code = "refused"

    def __init__(self, reason: str, words: str, **facts: object) -> None:
        self.reason = reason
        super().__init__(words, reason=reason, **facts)


_LIKE_A_CODE = re.compile(
    r"[0-9]{6}(-[0-9A-Za-z]{1,5}){1,4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


class UnknownDisputeError(FengqiaoError):
    """No dispute has this code or id here. What does not look like one is not repeated."""

    code = "unknown-dispute"

    def __init__(self, code: str) -> None:
        told = code if _LIKE_A_CODE.fullmatch(code) else "—"
        super().__init__(
            f"no dispute {told} is known here; look it up with `fengqiao ledger`",
            dispute=told,
        )


class MalformedMessageError(FengqiaoError):
    """A message cannot be read as what it claims to be."""

    code = "malformed"


class UnknownEventError(MalformedMessageError):
    """A stored or received event name has no class here."""

    code = "unknown-event"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no event is called {name!r} here; the sender may run a newer release: "
            "deploy it to this service, then release the parked message",
            name=name,
        )


class NotJsonError(FengqiaoError):
    """A body that does not even claim to be JSON; browsers send such without asking."""

    code = "not-json-media"

    def __init__(self) -> None:
        super().__init__("Content-Type must be application/json; send JSON in UTF-8")


class TooLargeError(FengqiaoError):
    """A body with more bytes than may be. It was not read to the end."""

    code = "too-large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"the body is larger than {limit} bytes", limit=limit)


class NotHeardYetError(FengqiaoError):
    """The code is well formed, but this service has not heard of the dispute (yet)."""

    code = "not-heard-yet"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"dispute {code} is not known here yet; try again in a moment, and check "
            "the code if that does not help",
            dispute=code,
        )


class InvariantBrokenError(FengqiaoError):
    """New events would leave a history that must never be. Nothing was recorded."""

    code = "invariant-broken"

    def __init__(self, what: str, found: str) -> None:
        super().__init__(
            f"refused to record: {what}: {found}. Nothing was stored; this is a fault "
            "of the software or of a rule pack, report it with the dispute code",
            what=what,
            found=found,
        )


class BusyError(FengqiaoError):
    """Others kept changing the same history; nothing was recorded."""

    code = "busy"

    def __init__(self, what: str, tries: int) -> None:
        super().__init__(
            f"{what}: others changed the same history {tries} times meanwhile; "
            "nothing was stored, try again",
            what=what,
            tries=tries,
        )


class DatabaseAwayError(FengqiaoError):
    """The database cannot do it now. Nothing was stored; the same again will do."""

    code = "database-away"
    words = (
        "the database cannot be reached ({kind}); "
        "nothing was lost: try again, and see `fengqiao doctor`"
    )

    def __init__(self, error: BaseException | str) -> None:
        kind = error if isinstance(error, str) else type(error).__name__
        super().__init__(self.words.format(kind=kind), kind=kind)


class LostReplyError(DatabaseAwayError):
    """The connection broke while something was being stored: it may be there by now."""


class DatabaseFullError(DatabaseAwayError):
    """The database has no room to write. It can still be read."""

    code = "database-full"
    words = (
        "the database has no room to write ({kind}); nothing was stored, and what is "
        "there can be read: make room on its disk, then the same again will do"
    )


class DatabaseLockedError(DatabaseAwayError):
    """Somebody holds a lock on a table of events, so that nothing can be added."""

    code = "database-locked"
    words = (
        "nothing can be added to the events ({kind}): another session locks their "
        "table, such as a VACUUM; nothing was stored, try again, and look into "
        "pg_locks if it lasts"
    )


class StoreError(FengqiaoError):
    """The database is set up in a way in which this software must not run."""

    code = "store"


class HandlerFailedError(FengqiaoError):
    """A reaction failed in a way nobody foresaw. Only the kind of error is told."""

    code = "handler-failed"

    def __init__(self, error: Exception) -> None:
        super().__init__(
            f"processing failed with {type(error).__name__}; the log has the place. "
            "Mend the software or the rules, then release the message"
        )
