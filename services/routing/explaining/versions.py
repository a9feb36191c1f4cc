"""Where the packs and directories of former decisions are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.routing.directory import Directory
from services.routing.packs.deciding import PackDecider
from shared.region import Region


class Versions(Protocol):
    """Where packs and directories of former decisions are; None if they are gone.

    A directory is found with the calendar that the decision names; a `region` is that
    directory as it was imported, without anything looked through.
    """

    def decider(self, version: str) -> PackDecider | None: ...
    def directory(
        self, versions: Mapping[str, str], decider: PackDecider
    ) -> Directory | None: ...
    def region(self, versions: Mapping[str, str]) -> Region | None: ...
