"""Decision tables and graphs of the DMN standard, on the S-FEEL subset.

Read (`read_xml`, `read_xlsx`) to a `Model`, written (`write_xml`, `write_xlsx`), checked
and compiled (`compile_model`) to a `Graph`, which answers with its grounds. Pure: knows
no database, broker or clock.
"""

from __future__ import annotations

from services.routing.dmn.compiling import compile_model
from services.routing.dmn.excel_read import read_xlsx
from services.routing.dmn.excel_write import write_xlsx
from services.routing.dmn.faults import (
    DmnConflictError,
    DmnError,
    DmnInputError,
    DmnRefusedError,
    Fault,
    Place,
    Why,
)
from services.routing.dmn.files import load, read
from services.routing.dmn.graph import Graph, Result
from services.routing.dmn.model import Model
from services.routing.dmn.table import Evaluation, Fired, Row, Seen, Table
from services.routing.dmn.table_compiling import Demands
from services.routing.dmn.xml_read import read_xml
from services.routing.dmn.xml_write import write_xml

__all__ = [
    "Demands",
    "DmnConflictError",
    "DmnError",
    "DmnInputError",
    "DmnRefusedError",
    "Evaluation",
    "Fault",
    "Fired",
    "Graph",
    "Model",
    "Place",
    "Result",
    "Row",
    "Seen",
    "Table",
    "Why",
    "compile_model",
    "load",
    "read",
    "read_xlsx",
    "read_xml",
    "write_xlsx",
    "write_xml",
]
