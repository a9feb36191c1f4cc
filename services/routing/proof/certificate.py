"""The certificate (完备性证书): what was proved of a pack with a directory, or why not.

A file whose bytes follow from the two and from nothing else: the same pack, directory
and day give the same certificate anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

FORMAT = 2


@dataclass(frozen=True)
class Failure:
    """One thing that is not proved, as a sentence in two languages.

    `code` names the property, `example` the facts of the smallest dispute that shows
    it, by input, and `suggestion` what would mend it, by column.
    `day` is the first one on which a body is missing.
    """

    code: str
    zh: str
    en: str
    table: str = ""
    rows: tuple[str, ...] = ()
    example: Mapping[str, str] = field(default_factory=dict)
    suggestion: Mapping[str, str] = field(default_factory=dict)
    places: int = 0
    day: str = ""


@dataclass(frozen=True)
class Limit:
    """Something that may be otherwise in life and that the proof does not vary."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Certificate:
    """`proved` counts what was looked at, by property; `notes` are worth knowing and no
    failures. `pack` and `directory` are digests; without a directory nothing is said
    about bodies.

    `days` are those that were looked at: between them nothing changes, from the first
    one on as long as the pack holds. `not_covered` says what is not claimed (未涵盖).
    """

    pack: str
    version: str
    directory: str
    days: tuple[date, ...]
    proved: Mapping[str, int]
    failures: tuple[Failure, ...]
    notes: tuple[Failure, ...] = ()
    not_covered: tuple[Limit, ...] = ()

    @property
    def day(self) -> date:
        """The first day."""
        return self.days[0]

    @property
    def passed(self) -> bool:
        return not self.failures

    @property
    def summary(self) -> dict[str, int | str]:
        """In short, for the publication."""
        return {
            "day": str(self.day),
            "failures": len(self.failures),
            "notes": len(self.notes),
            **self.proved,
        }

    @cached_property
    def attached(self) -> bytes:
        """The file. Its `sha256` is that of the same text without it."""
        seal = sha256(_canonical(self._content)).hexdigest()
        return _canonical({**self._content, "sha256": seal})

    @cached_property
    def digest(self) -> str:
        """The digest of the file."""
        return sha256(self.attached).hexdigest()

    @property
    def _content(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "pack": self.pack,
            "version": self.version,
            "directory": self.directory,
            "day": str(self.day),
            "days": [*map(str, self.days)],
            "passed": self.passed,
            "proved": dict(self.proved),
            "failures": [asdict(one) for one in self.failures],
            "notes": [asdict(one) for one in self.notes],
            "not_covered": [asdict(one) for one in self.not_covered],
        }


def is_intact(attached: bytes) -> bool:
    """Whether a certificate file still says what it said."""
    try:
        told = json.loads(attached)
        seal = told.pop("sha256")
    except (ValueError, AttributeError, KeyError, TypeError):
        return False
    return bool(sha256(_canonical(told)).hexdigest() == seal)


def _canonical(content: object) -> bytes:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1)
    return f"{text}\n".encode()
