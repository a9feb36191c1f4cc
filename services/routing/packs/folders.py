"""A pack out of the files of its region's folder and of those that it inherits from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

from services.routing.dmn import DmnRefusedError, Model, Place, read_xlsx, read_xml
from services.routing.dmn.model import TypeDefinition
from services.routing.packs.archive import Content
from services.routing.packs.checks import also_wrong
from services.routing.packs.clocks import CLOCKS, read_clocks
from services.routing.packs.faults import Wrong, refused
from services.routing.packs.handoffs import HANDOFFS, read_handoffs
from services.routing.packs.merging import Merged, merged
from shared.region_files import Folder, RegionRefusedError, read_bytes
from shared.region_head import Head
from shared.region_lineage import HEAD, folder_of, lineage, read_head

TABLES: Mapping[str, Callable[[bytes, str], Model]] = {
    "routing.dmn": read_xml,
    "routing.xlsx": read_xlsx,
}
"""The file with the tables, as a modeller or as Excel saves it; one of them."""

KIND = "Kind"
"""The type whose values are the categories of disputes of the region."""


def resolved(name_or_path: str | Folder) -> list[Content]:
    """The pack in a folder and those that it builds on, the lowest first.

    Raises `RegionRefusedError` or `DmnRefusedError`.
    """
    folders = lineage(folder_of(name_or_path))
    heads = [read_head(folder) for folder in folders]
    _check_days(folders, heads)
    found: list[Content] = []
    for folder, head in reversed([*zip(folders, heads, strict=True)]):
        found.append(_above(found[-1], folder, head) if found else _root(folder, head))
    return found


def _root(folder: Folder, head: Head) -> Content:
    if (model := _model(folder)) is None:
        raise refused(Wrong.NO_FILE, Place(folder.name), known=[*TABLES])
    return Content(
        head, _with_kinds(model, head), read_clocks(folder), read_handoffs(folder)
    )


def _above(below: Content, folder: Folder, head: Head) -> Content:
    own = _model(folder)
    omit = {name: changes.omit for name, changes in head.tables.items()}
    file = own.file if own else f"{folder.name}/{HEAD}"
    model, faults = (
        merged(below.model, own, omit, file) if own or omit else Merged(below.model)
    )
    clocks = read_clocks(folder) if _has(folder, CLOCKS) else {}
    handoffs = read_handoffs(folder) if _has(folder, HANDOFFS) else {}
    found = Content(
        head,
        _with_kinds(model, head),
        {**below.clocks, **clocks},
        {**below.handoffs, **handoffs},
    )
    if faults:
        raise DmnRefusedError(*faults, *also_wrong(found, below, faults))
    return found


def _model(folder: Folder) -> Model | None:
    """The folder's own tables, if it has any."""
    there = [name for name in TABLES if _has(folder, name)]
    if len(there) > 1:
        raise refused(Wrong.TWO_FILES, Place(folder.name), known=there)
    for name in there:
        return TABLES[name](read_bytes(folder, name), f"{folder.name}/{name}")
    return None


def _with_kinds(model: Model, head: Head) -> Model:
    """The model with the categories of the region as the values of that type."""
    codes = ", ".join(f'"{kind.code}"' for kind in head.kinds)
    types = (_of_kinds(one, codes) for one in model.types)
    return replace(model, types=tuple(types))


def _of_kinds(one: TypeDefinition, codes: str) -> TypeDefinition:
    return replace(one, allowed=codes) if one.name == KIND else one


def _has(folder: Folder, name: str) -> bool:
    return (folder / name).is_file()


def _check_days(folders: list[Folder], heads: list[Head]) -> None:
    for (own, above), folder in zip(pairwise(heads), folders, strict=False):
        if own.valid_from < above.valid_from:
            raise RegionRefusedError(
                HEAD if folder is folders[0] else f"{folder.name}/{HEAD}",
                "valid_from",
                f"it begins on {own.valid_from}, before {above.code} from which it "
                f"inherits ({above.valid_from})",
                f"begin on {above.valid_from} or later",
                why="begins-early",
                since=str(own.valid_from),
                name=above.code,
                above=str(above.valid_from),
            )
