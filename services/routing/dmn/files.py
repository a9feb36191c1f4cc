"""Decision files on a disk, by what their names end in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from services.routing.dmn.compiling import compile_model
from services.routing.dmn.excel_read import read_xlsx
from services.routing.dmn.faults import Place, Why, refused
from services.routing.dmn.graph import Graph
from services.routing.dmn.model import Model
from services.routing.dmn.safe_xml import MOST_BYTES
from services.routing.dmn.table_compiling import Demands
from services.routing.dmn.xml_read import read_xml

_READERS: dict[str, Callable[[bytes, str], Model]] = {
    ".dmn": read_xml,
    ".xml": read_xml,
    ".xlsx": read_xlsx,
}


def read(path: Path) -> Model:
    """The model of a file. Raises `DmnRefusedError`."""
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise refused(Why.UNKNOWN_SUFFIX, Place(path.name))
    with path.open("rb") as stream:
        return reader(stream.read(MOST_BYTES + 1), path.name)


def load(path: Path, demands: Demands | None = None) -> Graph:
    """The graph of a file, ready to be asked. Raises `DmnRefusedError`."""
    return compile_model(read(path), demands)
