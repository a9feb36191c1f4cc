"""Names of fields as answers and logs may repeat them.

Whoever fills in a form wrongly may put a person where a name of a field belongs; so
only what is made like our own names is repeated, and the rest is masked.
"""

from __future__ import annotations

LONGEST = 60


def as_field(name: object, familiar: frozenset[str] = frozenset()) -> str:
    """A name as it may be repeated: Latin letters, and characters that are familiar.

    A number counts the entries of a list and stands as it is.
    """
    if isinstance(name, int):
        return str(name)
    shown = (c if _is_plain(c) or c in familiar else "?" for c in str(name)[:LONGEST])
    return "".join(shown)


def _is_plain(character: str) -> bool:
    return character.isascii() and (character.isalpha() or character in "_.- ")
