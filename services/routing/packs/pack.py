"""A rule pack (规则包): a region's head, tables, clocks and handoff matrix, as resolved.

Loaded whole or not at all. Its archive is everything that decides, in one canonical
text, and its digest is the digest of that: from the bytes of an archive the same pack
comes back years later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from services.routing.dmn import DmnRefusedError, Graph, Model, Table
from services.routing.packs.archive import Content, packed, unpacked
from services.routing.packs.checks import compiled
from services.routing.packs.clocks import ClockRule
from services.routing.packs.folders import resolved
from services.routing.packs.handoffs import HandoffRule
from shared.bodies import Kind, Profile, Words
from shared.events.vocabulary import Source
from shared.region_files import Folder
from shared.region_head import Head, Linkage
from shared.resolution import Resolution


@dataclass(frozen=True, eq=False, repr=False)
class Pack:
    """Two packs with the same `digest` decide alike. `content` is its archive."""

    head: Head
    model: Model
    graph: Graph
    clocks: Mapping[str, ClockRule]
    handoffs: Mapping[str, HandoffRule]
    digest: str
    content: bytes

    @classmethod
    def load(cls, name_or_path: str | Folder) -> Pack:
        """A pack shipped here by its name, or one in a folder of yours.

        Raises `RegionRefusedError` or `DmnRefusedError` with everything that is wrong.
        """
        found = resolved(name_or_path)
        try:
            return cls._of(found[-1])
        except DmnRefusedError:
            for below in found[:-1]:
                compiled(below)  # if the fault is there, it is told from there
            raise

    @classmethod
    def restored(cls, content: bytes) -> Pack:
        """The pack whose archive this is. Raises `DmnRefusedError`."""
        return cls._of(unpacked(content), content)

    def with_model(self, model: Model) -> Pack:
        """The same with other tables. Raises `DmnRefusedError`."""
        return self._of(Content(self.head, model, self.clocks, self.handoffs))

    def archive(self) -> bytes:
        """Everything that decides, as canonical text; the digest is that of it."""
        return self.content

    @classmethod
    def _of(cls, found: Content, content: bytes | None = None) -> Pack:
        graph = compiled(found)
        content = content or packed(found)
        return cls(
            head=found.head,
            model=found.model,
            graph=graph,
            clocks=found.clocks,
            handoffs=found.handoffs,
            digest=sha256(content).hexdigest(),
            content=content,
        )

    def __repr__(self) -> str:
        return f"Pack({self.version})"

    @property
    def name(self) -> str:
        """What its region calls it, such as `sample-2026.1`."""
        return self.head.version or self.head.code

    @property
    def version(self) -> str:
        """Names it by name and content; this is what decisions store."""
        return f"{self.name}@{self.digest[:12]}"

    @property
    def region(self) -> str:
        return self.head.code

    @property
    def valid_from(self) -> date:
        return self.head.valid_from

    @property
    def valid_to(self) -> date | None:
        """Its last day, if it says one."""
        return self.head.valid_to

    @property
    def takes_over(self) -> bool:
        """Whether it decides on disputes that are open when it comes into force."""
        return self.head.taking_over.open_disputes == "take_over"

    @property
    def open_disputes(self) -> str:
        return self.head.taking_over.open_disputes

    @property
    def linkage(self) -> Linkage:
        return self.head.linkage

    @property
    def resolution(self) -> Resolution:
        return self.head.resolution

    @property
    def calendar(self) -> str:
        """The calendar by its name; which days it has off is no part of a pack."""
        return self.head.calendar

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        return {kind.code: kind for kind in self.head.kinds}

    @cached_property
    def profiles(self) -> dict[Source, Profile]:
        return {profile.source: profile for profile in self.head.profiles}

    @cached_property
    def words(self) -> dict[tuple[str, str], Words]:
        """What every row says to people, by its table and id."""
        return {
            (table.name, row.id): Words(
                zh=row.annotations["zh"], en=row.annotations["en"]
            )
            for table in self.tables.values()
            for row in table.rows
        }

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The decision tables by name, in the order in which they are made."""
        made = self.graph.decisions.values()
        return {one.name: one for one in made if isinstance(one, Table)}

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (
            self.valid_to is None or day <= self.valid_to
        )
