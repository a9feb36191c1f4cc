"""A region: its divisions, bodies, senders, channels and dispute categories, as files.

A region is a folder. It loads whole or not at all, and its digest names the content, so
that every decision can say which directory it was made with. The rules lie in the same
folder and are read by routing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.bodies import Body, BodyKind, Channel, ChannelKind, Kind, Profile, Sender
from shared.divisions import Divisions
from shared.events.vocabulary import Source
from shared.region_directory import read_directory
from shared.region_files import Folder, RegionRefusedError
from shared.region_head import Head
from shared.region_lineage import digest_with_head, folder_of, read_head
from shared.region_rows import directory_files

__all__ = [
    "Body",
    "BodyKind",
    "Channel",
    "ChannelKind",
    "Kind",
    "Profile",
    "Region",
    "RegionRefusedError",
    "Sender",
]


@dataclass(frozen=True)
class Region:
    """Everything regional that is data. Compare `digest` to compare two directories."""

    head: Head
    digest: str
    folder: Folder = field(repr=False)
    divisions: Divisions = field(repr=False)
    bodies: Mapping[str, Body] = field(repr=False)
    kinds: Mapping[str, Kind] = field(repr=False)
    profiles: Mapping[Source, Profile] = field(repr=False)
    senders: Mapping[str, Sender] = field(repr=False)
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
        folder = folder_of(name_or_path)
        digest = digest_with_head(folder, *directory_files(folder))
        return cls.of(read_head(folder), digest, folder)

    @classmethod
    def of(cls, head: Head, digest: str, folder: Folder) -> Region:
        """With this head, what the directory in a folder holds.

        Raises `RegionRefusedError`.
        """
        kinds = {kind.code: kind for kind in head.kinds}
        contents = read_directory(folder, head.code, kinds)
        return cls(
            head=head,
            digest=digest,
            folder=folder,
            divisions=contents.divisions,
            bodies=contents.bodies,
            kinds=kinds,
            profiles={profile.source: profile for profile in head.profiles},
            senders=contents.senders,
            _channels=contents.channels,
        )
