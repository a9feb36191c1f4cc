"""A file that cannot be imported as a whole, so no row of it is."""

from __future__ import annotations

from services.intake.refusals import text
from services.texts import LANGUAGES
from shared.events.errors import FengqiaoError


class FileRefusedError(FengqiaoError):
    """A file cannot be read as what it claims to be, or is beyond a limit."""

    code = "file-refused"

    def __init__(self, reason: str, **facts: object) -> None:
        self.reason = reason
        words = text(f"file.{reason}", "en", **facts)
        super().__init__(f"the file was not imported: {words}", reason=reason, **facts)

    @property
    def errors(self) -> list[dict[str, str]]:
        """Why, as problem details show it, with the file's name if it was told."""
        zh, en = (
            text(f"file.{self.reason}", language, **self.facts)
            for language in LANGUAGES
        )
        file = str(self.facts.get("file", ""))
        return [{"field": file, "reason": self.reason, "zh": zh, "en": en}]
