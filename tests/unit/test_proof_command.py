"""`fengqiao rules check`: a verdict for people, a file for the publication, a status."""

import json
import re
from datetime import date
from hashlib import sha256
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from services.cli.rules import app
from services.cli.rules_check import as_data, tell
from services.routing.proof import Certificate, Limit, is_intact

SAMPLE = Path("shared/regions/sample")
FIRST_LEAD = re.compile(r'<rule id="L20">.*?</rule>', re.DOTALL)


@pytest.fixture
def run():
    return lambda *told: CliRunner().invoke(app, ["check", *map(str, told)])


@pytest.fixture
def with_a_dead_row(tmp_path):
    """The sample pack without its directory, and a row that one before it covers."""
    folder = copytree(SAMPLE, tmp_path / "drafted")
    (folder / "bodies.csv").unlink()
    tables = folder / "routing.dmn"
    text = tables.read_text(encoding="utf-8")
    row = FIRST_LEAD.search(text).group()
    again = row.replace('id="L20"', 'id="X1"')
    tables.write_text(text.replace(row, row + again), encoding="utf-8")
    return folder


def test_a_proved_pack_is_told_and_its_certificate_written(run, tmp_path):
    file = tmp_path / "certificate.json"

    done = run("baseline", "--out", file)

    assert done.exit_code == 0
    assert "证明通过" in done.stdout
    assert "没有机构名录" in done.stdout
    assert is_intact(file.read_bytes())
    assert sha256(file.read_bytes()).hexdigest() in done.stdout.replace("\n", "")


def test_a_pack_that_is_not_proved_fails_with_sentences(run, with_a_dead_row):
    done = run(with_a_dead_row, "--json")

    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert not told["passed"]
    (failure,) = told["failures"]
    assert failure["rows"] == ["2 (X1)", "1 (L20)"]
    assert "永远轮不到" in failure["zh"]
    assert "never reached" in failure["en"]


def test_what_is_not_covered_is_told_to_people_and_in_data(capsys):
    limit = Limit("absences", "未涵盖：缺勤", "not covered: absences")
    found = Certificate(
        "p", "v", "d", (date(2024, 1, 1),), {"days": 1}, (), (), (limit,)
    )

    tell(found)

    assert "未涵盖：缺勤 · not covered: absences" in capsys.readouterr().out
    assert as_data(found)["not_covered"] == [vars(limit)]
