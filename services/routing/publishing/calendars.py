"""Calendars of any age by their version, so that each decision finds its own again."""

from __future__ import annotations

from services.routing.calendar_archive import archived, restored
from services.routing.publishing.archive import Archive, Content
from shared.calendar import Calendar


class Calendars:
    """The calendars that were ever in use here."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[str, Calendar] = {}

    def keep(self, calendar: Calendar) -> None:
        """Keep a calendar, if it is not kept yet."""
        if not self._archive.has(calendar.version):
            self._archive.put(calendar.version, Content.CALENDAR, archived(calendar))

    def get(self, version: str) -> Calendar:
        """Raises `RefusedError` if there never was such a calendar here."""
        if version not in self._known:
            self._known[version] = restored(self._archive.get(version))
        return self._known[version]
