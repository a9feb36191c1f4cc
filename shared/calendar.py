"""The legal calendar: days, periods and deadlines, and the files they are read from."""

from __future__ import annotations

from shared.calendar_days import Calendar
from shared.calendar_files import NATIONAL, calendar_folder, load_calendar
from shared.calendar_periods import LAST_SECOND, SHANGHAI, Deadline, Period, Unit

__all__ = [
    "LAST_SECOND",
    "NATIONAL",
    "SHANGHAI",
    "Calendar",
    "Deadline",
    "Period",
    "Unit",
    "calendar_folder",
    "load_calendar",
]
