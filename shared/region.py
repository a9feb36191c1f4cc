"""A region: its divisions, bodies, senders, channels and dispute categories, as files.

A region is a folder. It loads whole or not at all, and its digest names the content, so
that every decision can say which directory it was made with. The rule table lies in the
same folder and is read by routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path

from shared.bodies import (
    Body,
    BodyKind,
    Channel,
    ChannelKind,
    Kind,
    Profile,
    Sender,
    Words,
)
from shared.divisions import Divisions
from shared.events.base import Value
from shared.events.vocabulary import Source
from shared.region_files import (
    Folder,
    RegionRefusedError,
    checked,
    digest_of,
    read_toml,
)
from shared.region_rows import (
    BODIES,
    CHANNELS,
    DIVISIONS,
    HEAD,
    RULES,
    SENDERS,
    read_bodies,
    read_channels,
    read_divisions,
    read_senders,
    read_words,
)

__all__ = [
    "RULES",
    "Body",
    "BodyKind",
    "Channel",
    "ChannelKind",
    "Kind",
    "Profile",
    "Region",
    "RegionRefusedError",
    "Sender",
    "Words",
]


class Linkage(Value):
    """The bodies that work together (四所一庭 and the like): a setting."""

    name: str
    name_en: str
    members: tuple[BodyKind, ...]


class Head(Value):
    """What `region.toml` says."""

    code: str
    name: str
    name_en: str
    valid_from: date
    valid_to: date | None = None
    linkage: Linkage
    kinds: tuple[Kind, ...]
    profiles: tuple[Profile, ...]


@dataclass(frozen=True)
class Region:
    """Everything regional that is data. Compare `digest` to compare two directories.

    `words` has what a rule row says to people, by its table and id.
    """

    head: Head
    digest: str
    folder: Folder = field(repr=False)
    divisions: Divisions = field(repr=False)
    bodies: Mapping[str, Body] = field(repr=False)
    kinds: Mapping[str, Kind] = field(repr=False)
    profiles: Mapping[Source, Profile] = field(repr=False)
    senders: Mapping[str, Sender] = field(repr=False)
    words: Mapping[tuple[str, str], Words] = field(repr=False)
    _channels: Mapping[str, tuple[Channel, ...]] = field(repr=False)

    @property
    def code(self) -> str:
        return self.head.code

    @property
    def name(self) -> str:
        return self.head.name

    @property
    def name_en(self) -> str:
        return self.head.name_en

    def channels(self, body: str) -> tuple[Channel, ...]:
        """The ways to a body, the preferred one first."""
        return self._channels.get(body, ())

    @classmethod
    def load(cls, name_or_path: str | Path) -> Region:
        """A region shipped here, by its name, or one that lies in a folder of yours.

        Raises `RegionRefusedError` with file, row, reason and remedy.
        """
        return _load(_folder(name_or_path))


def _folder(name_or_path: str | Path) -> Folder:
    shipped = resources.files("shared") / "regions"
    if isinstance(name_or_path, str) and "/" not in name_or_path:
        folder: Folder = shipped / name_or_path
    else:
        folder = Path(name_or_path)
    if folder.is_dir():
        return folder
    names = sorted(found.name for found in shipped.iterdir() if found.is_dir())
    raise RegionRefusedError(
        str(name_or_path),
        "the folder",
        "there is none",
        f"name a folder by its path, or one of {', '.join(names)}",
    )


def _load(folder: Folder) -> Region:
    head = checked(Head, read_toml(folder, HEAD), HEAD, "the file")
    kinds = _kinds(head)
    divisions = Divisions(head.code, read_divisions(folder))
    bodies = read_bodies(folder, divisions, kinds)
    profiles = _profiles(head)
    return Region(
        head=head,
        digest=digest_of(folder, HEAD, DIVISIONS, BODIES, CHANNELS, SENDERS),
        folder=folder,
        divisions=divisions,
        bodies=bodies,
        kinds=kinds,
        profiles=profiles,
        senders=read_senders(folder, bodies),
        words=read_words(folder),
        _channels=read_channels(folder, bodies),
    )


def _kinds(head: Head) -> dict[str, Kind]:
    kinds = {kind.code: kind for kind in head.kinds}
    if len(kinds) < len(head.kinds):
        raise _refused_head("kinds", "a kind stands there twice", "keep one of them")
    if "other" not in kinds:
        raise _refused_head("kinds", "kind other is missing", "add it with row18 99")
    return kinds


def _profiles(head: Head) -> dict[Source, Profile]:
    profiles = {profile.source: profile for profile in head.profiles}
    if missing := [source for source in Source if source not in profiles]:
        raise _refused_head(
            "profiles", f"source {missing[0]} has no profile", "add one with its clock"
        )
    for profile in head.profiles:
        if profile.handoff not in profile.may_ask:
            raise _refused_head(
                f"profiles, {profile.source}",
                f"{profile.handoff} is meant by default, but may not be asked for",
                "add it to may_ask",
            )
    return profiles


def _refused_head(row: str, reason: str, remedy: str) -> RegionRefusedError:
    return RegionRefusedError(HEAD, row, reason, remedy)
