"""A DMN 1.3, 1.4 or 1.5 file as a `Model`.

What is no part of a decision is left out with a note; what would change a decision and
is not understood is refused. Expressions are not read here.
"""

from __future__ import annotations

from services.routing.dmn.faults import Fault, Faults, Place, Why, refused
from services.routing.dmn.model import Decision, InputData, Model, TypeDefinition
from services.routing.dmn.safe_xml import Element, tree
from services.routing.dmn.xml_decision import (
    SPECIFICATION,
    Within,
    check_language,
    own_id,
    read_decision,
    variable_of,
)
from services.routing.dmn.xml_table import text_of

VERSIONS = {
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
OTHER_VERSIONS = {
    "http://www.omg.org/spec/DMN/20130901": "1.0",
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
}
MOST_DECISIONS = 500

_NO_MEANING = frozenset(
    {
        "knowledgeSource",
        "decisionService",
        "textAnnotation",
        "association",
        "group",
        "organizationUnit",
        "performanceIndicator",
        "elementCollection",
    }
)
_REFUSED = {
    "businessKnowledgeModel": Why.KNOWLEDGE,
    "import": Why.IMPORT,
}


def read_xml(data: bytes, file: str) -> Model:
    """Raises `DmnRefusedError` with everything that is wrong with the file's shape."""
    root = tree(data, file)
    _check_version(root, Place(file))
    reader = _Reader(root, Place(file))
    model = reader.model()
    reader.within.faults.stop()
    return model


def _check_version(root: Element, place: Place) -> None:
    if root.name == "definitions" and root.space in OTHER_VERSIONS:
        version = OTHER_VERSIONS[root.space]
        raise refused(Why.OTHER_VERSION, place, version=version)
    if root.name != "definitions" or root.space not in VERSIONS:
        raise refused(Why.NOT_DMN, place, found=root.space or root.name)


class _Reader:
    def __init__(self, root: Element, place: Place) -> None:
        space = root.attributes.get("namespace", "")
        self.within = Within(space, place, Faults())
        self._root, self._place = root, place
        self._inputs: list[InputData] = []
        self._types: list[TypeDefinition] = []
        self._decisions: list[Decision] = []
        self._notes: list[Fault] = []

    def model(self) -> Model:
        check_language(self._root, self.within)
        for child in self._root.children:
            self._element(child)
        self._check_number()
        return Model(
            self._root.attributes.get("id", ""),
            self._root.attributes.get("name", ""),
            self.within.space,
            tuple(self._decisions),
            tuple(self._inputs),
            tuple(self._types),
            VERSIONS[self._root.space],
            self._place.file,
            tuple(self._notes),
        )

    def _check_number(self) -> None:
        faults = self.within.faults
        if len(self._decisions) > MOST_DECISIONS:
            faults.add(Why.TOO_MANY, self._place, limit=MOST_DECISIONS)
        if not self._decisions and not faults.found:
            faults.add(Why.NO_LOGIC, self._place)

    def _element(self, found: Element) -> None:
        match found.name:
            case "DMNDI" if SPECIFICATION in found.space:
                pass  # a diagram
            case _ if found.space != self._root.space:
                self.within.refuse(Why.ELEMENT, found)
            case "decision":
                if decision := read_decision(found, self.within):
                    self._decisions.append(decision)
            case "inputData":
                self._input(found)
            case "itemDefinition":
                self._type(found)
            case "description" | "extensionElements":
                pass
            case name if name in _NO_MEANING:
                self._note(found)
            case name:
                self.within.refuse(_REFUSED.get(name, Why.ELEMENT), found)

    def _note(self, found: Element) -> None:
        told = found.attributes.get("name") or found.attributes.get("id", "")
        facts = {"element": found.name, "name": told}
        self._notes.append(Fault(Why.NOTE_IGNORED, self._place, facts))

    def _input(self, found: Element) -> None:
        variable, type_ref = variable_of(found)
        name = found.attributes.get("name", "")
        within = self.within._replace(place=self._place._replace(column=name))
        own = own_id(found, within)
        self._inputs.append(InputData(own, name, variable, type_ref))

    def _type(self, found: Element) -> None:
        """A simple type. Structures and lists are for results, which need none."""
        base = found.child("typeRef")
        collection = found.attributes.get("isCollection", "false")
        if base is None or collection in ("true", "1"):
            return self._note(found)
        allowed = text_of(found, "allowedValues") or text_of(found, "typeConstraint")
        name, own = found.attributes.get("name", ""), found.attributes.get("id", "")
        self._types.append(TypeDefinition(name, base.text, allowed, own))
        return None
