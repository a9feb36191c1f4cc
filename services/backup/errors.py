"""Why a copy could not be made or put back. The words stand in the message file."""

from __future__ import annotations

from services.texts import text
from shared.events.errors import RefusedError


class BackupError(RefusedError):
    """Nothing was changed, or what was begun has been taken away again."""

    def __init__(self, reason: str, **facts: object) -> None:
        reason = f"backup-{reason}"
        super().__init__(reason, text(f"refused.{reason}", "en", **facts), **facts)
