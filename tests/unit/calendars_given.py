"""Calendars of one's own in a folder, as an installation has them. Days are invented."""

from __future__ import annotations

from importlib import resources
from shutil import copytree

SHIPPED = resources.files("shared") / "calendars" / "china"


def own_calendars(tmp_path, monkeypatch):
    """The folder that the setting names, empty."""
    folder = tmp_path / "calendars"
    folder.mkdir()
    monkeypatch.setenv("FENGQIAO_CALENDARS", str(folder))
    return folder


def regional(folder, name, years, inherits="china"):
    """A calendar of that name with these local days off, by year."""
    own = folder / name
    own.mkdir(exist_ok=True)
    head = f'name = "样例"\nname_en = "Sample"\ninherits = "{inherits}"\n'
    (own / "calendar.toml").write_text(head, "utf-8")
    for year, told in years.items():
        text = f'year = {year}\ntitle = "样例节日"\nbasis = "样例办法"\n{told}\n'
        (own / f"{year}.toml").write_text(text, "utf-8")
    return own


def national(folder):
    """A copy of the shipped calendar of the country, to be changed."""
    return copytree(SHIPPED, folder / "china")
