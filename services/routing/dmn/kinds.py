"""What the type references of a model mean: kinds of S-FEEL and allowed values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from services.routing.dmn.extents import Extent
from services.routing.dmn.faults import Faults, Place, UnreadableError, Why
from services.routing.dmn.model import TypeDefinition
from services.routing.dmn.unary import unary_tests
from services.routing.dmn.values import KINDS, NUMERIC, Kind

_UNSAID = ("", "Any", "<Undefined>")
"""How editors write that they do not say a type."""


class Typed(NamedTuple):
    """A kind, the values that are allowed if not all are, and whether these carry an
    offset if they are times.
    """

    kind: Kind | None = None
    allowed: Extent | None = None
    zoned: bool | None = None


class Types:
    """The types that a model may name. `parted` are those that are structures or lists:
    nothing that is asked may have one, and a type that is made of one has no kind.
    """

    def __init__(
        self,
        definitions: Iterable[TypeDefinition],
        file: str,
        faults: Faults,
        parted: Iterable[str] = (),
    ) -> None:
        self._definitions = {one.name: one for one in definitions}
        self._parted, self._known = frozenset(parted), dict[str, Typed]()
        for one in self._definitions.values():
            with faults.at(Place(file, column=one.name)):
                if not self.has_parts(one.name):
                    self.meant(one.name)

    def has_parts(self, name: str) -> bool:
        """Whether a type is a structure or a list, or made of one."""
        one = self._definitions.get(name)
        return name in self._parted or (one is not None and self._is_parted(one, ()))

    def _is_parted(self, one: TypeDefinition, above: tuple[str, ...]) -> bool:
        if one.base in self._parted:
            return True
        base = self._definitions.get(one.base)
        if base is None or base.name in above:
            return False
        return self._is_parted(base, (*above, one.name))

    def meant(self, name: str) -> Typed:
        """Raises `UnreadableError` for a type nobody defines. "" and Any say nothing."""
        if name not in self._known:
            self._known[name] = self._find(name, ())
        return self._known[name]

    def _find(self, name: str, above: tuple[str, ...]) -> Typed:
        if name in above:
            raise UnreadableError(Why.CYCLE, names=[*above, name])
        if definition := self._definitions.get(name):
            return self._defined(definition, (*above, name))
        plain = name.removeprefix("feel:")
        if plain in _UNSAID:
            return Typed()
        if name in self._parted:
            raise UnreadableError(Why.PARTED_TYPE, name=name)
        if plain not in KINDS:
            known = [*Kind, *self._definitions]
            raise UnreadableError(Why.UNKNOWN_TYPE, name=name, known=known)
        return Typed(KINDS[plain])

    def _defined(self, found: TypeDefinition, above: tuple[str, ...]) -> Typed:
        base = self._find(found.base, above)
        if not found.allowed:
            return base
        if base.kind is None:
            raise UnreadableError(Why.NO_TYPE)
        own = unary_tests(found.allowed, base.kind, base.zoned)
        allowed = own.extent if base.allowed is None else own.extent & base.allowed
        return Typed(base.kind, allowed, own.zoned)


def agree(one: Kind | None, other: Kind | None) -> bool:
    """Whether values of one kind may stand for the other; numbers are checked later."""
    return one is None or other is None or one is other or {one, other} <= NUMERIC
