"""Why a calendar cannot be used: the file, what is wrong there, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from shared.events.errors import FengqiaoError

_AFTER_THE_NOTICE = "correct it after the notice on days off and load it again"
_OURS = "calendar-"


class CalendarRefusedError(FengqiaoError):
    """A calendar file or folder cannot be used, so none of it is.

    `code` names the texts in the message files; `why` is what it ends with.
    """

    def __init__(
        self,
        source: str,
        reason: str,
        remedy: str = _AFTER_THE_NOTICE,
        *,
        why: str = "refused",
        **facts: object,
    ) -> None:
        self.source, self.reason, self.remedy = source, reason, remedy
        self.code = f"{_OURS}{why}"
        super().__init__(
            f"cannot use calendar {source}: {reason}; {remedy}",
            source=source,
            reason=reason,
            **facts,
        )


def unreadable(source: str, error: ValidationError) -> CalendarRefusedError:
    """The refusal of a file whose content is no notice; its first fault names it."""
    found = error.errors(include_url=False)
    reason = "; ".join(
        f"{'.'.join(map(str, one['loc']))} {one['msg']}".strip() for one in found
    )
    first = found[0]
    if not first["type"].startswith(_OURS):
        return CalendarRefusedError(source, reason)
    why, days = first["type"].removeprefix(_OURS), first["ctx"]["days"]
    return CalendarRefusedError(source, reason, why=why, days=days)


def refuse(why: str, what_is_wrong: str, days: Iterable[date]) -> None:
    """Raises what pydantic tells of a field, if there are any such days."""
    if listed := ", ".join(map(str, sorted(days))):
        raise PydanticCustomError(
            f"{_OURS}{why}",
            f"{what_is_wrong}: {{days}}",
            {"days": listed},
        )
