"""What stands around a story: what it is about, and who has read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from services.audit.grounds import versions
from services.audit.messages import Text
from services.audit.render import line
from services.audit.steps import About, Reading, Story, Used
from services.audit.wording import COMMA, SEMICOLON, Words, listed, local

Row = tuple[str, str]
"""A heading, and what stands beside it."""


def header(told: Story, words: Words) -> RenderableType:
    """The dispute as the ledger has it now."""
    code = told.code or words.phrase("no_code").zh
    title = f"{words.word('heading', 'story').both}  {code}"
    return Group(line(title, "bold"), table(_about(told.about), words))


def footer(told: Story, words: Words) -> RenderableType:
    """The versions of tables and directory that decided, and who has read it."""
    used = (("versions", _used(each, words)) for each in told.versions)
    read = (("readings", each) for each in _readers(told.readings, words))
    return table([*used, *read], words)


def table(rows: Iterable[Row], words: Words) -> Table:
    """Headings in both languages, and what stands beside them, if anything does."""
    found = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for heading, cell in rows:
        if cell:
            found.add_row(words.word("heading", heading).both, line(cell))
    return found


def _about(about: About) -> Iterator[Row]:
    said = {name: text.both for name, text in about.words.items()}
    yield "kind", said.get("kind", "")
    yield "place", said.get("place", "")
    yield "source", said.get("source", "")
    yield "sender", said.get("sender", "")
    yield "persons", str(about.persons or "")
    yield "holder", said.get("holder", "")
    yield "state", said.get("stage", "")
    yield "offered_to", said.get("offered_to", "")
    yield "registered_at", local(about.registered_at) if about.registered_at else ""


def _used(used: Used, words: Words) -> str:
    numbers = [Text(zh=str(step), en=str(step)) for step in used.steps]
    said = [words.phrase("of_steps", steps=listed(numbers, COMMA))]
    if not used.present:
        said.append(words.phrase("worded_now"))
    return f"{versions(used.versions, words).zh}  {listed(said, SEMICOLON).both}"


def _readers(readings: Sequence[Reading], words: Words) -> Iterator[str]:
    """Each person once, the first to read first."""
    by_person: dict[str, list[Reading]] = {}
    for each in readings:
        person = f"{each.who.name.zh} {each.who.person}"
        by_person.setdefault(person, []).append(each)
    for person, read in by_person.items():
        last = local(read[-1].read_at)
        said = words.phrase("times_read", count=len(read), last=last)
        yield f"{person}  {said.both}"
