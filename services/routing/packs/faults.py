"""What can be wrong with a pack beside its files: as faults with place and remedy.

The words stand in `services/routing/messages.toml`, Chinese first.
"""

from __future__ import annotations

from enum import StrEnum

from services.routing.dmn import DmnRefusedError, Fault, Place
from services.texts import Language, Texts

texts = Texts("services.routing")


class Wrong(StrEnum):
    """What is refused, by its path in the message file."""

    NO_FILE = "pack.no-file"
    TWO_FILES = "pack.two-files"
    UNKNOWN_TABLE = "pack.unknown-table"
    MISSING_TABLE = "pack.missing-table"
    NO_TABLE = "pack.no-table"
    UNKNOWN_ROW = "pack.unknown-row"
    NO_ROW_ID = "pack.no-row-id"
    ENTRY_COUNT = "pack.entry-count"
    UNKNOWN_COLUMN = "pack.unknown-column"
    DOUBLE_COLUMN = "pack.double-column"
    MISSING_OUTPUT = "pack.missing-output"
    UNKNOWN_OUTPUT = "pack.unknown-output"
    MISSING_ANNOTATION = "pack.missing-annotation"
    POLICY = "pack.policy"
    OTHER_POLICY = "pack.other-policy"
    DEFAULTS = "pack.defaults"
    NOT_CONSTANT = "pack.not-constant"
    BAD_OUTPUT = "pack.bad-output"
    EMPTY_OUTPUT = "pack.empty-output"
    UNKNOWN_WORD = "pack.unknown-word"
    WORDS_APART = "pack.words-apart"
    MISPLACED_OUTPUT = "pack.misplaced-output"
    UNKNOWN_PLACE = "pack.unknown-place"
    UNKNOWN_INPUT = "pack.unknown-input"
    UNKNOWN_CLOCK = "pack.unknown-clock"
    WRONG_CLOCK = "pack.wrong-clock"
    ONLY_ANSWERS_LAPSE = "pack.only-answers-lapse"
    ANSWERS_LAPSE = "pack.answers-lapse"
    NO_ANSWER = "pack.no-answer"
    NEVER_REACHED = "pack.never-reached"
    MISSING_HANDOFF = "pack.missing-handoff"
    BAD_MARK = "pack.bad-mark"
    TWO_IN_FORCE = "pack.two-in-force"
    NONE_IN_FORCE = "pack.none-in-force"
    BROKEN_ARCHIVE = "pack.broken-archive"
    NEWER_ARCHIVE = "pack.newer-archive"


class PackFault(Fault):
    """One thing that is wrong with a pack."""

    def words(self, language: Language) -> str:
        return texts(self.why, language, **self.facts)


def refused(why: Wrong, place: Place, **facts: object) -> DmnRefusedError:
    return DmnRefusedError(PackFault(why, place, facts))
