"""The commands that publish rules, over a real database, as two officials type them."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import resources
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from services.cli import app
from services.cli.options import a_house
from services.cli.rules_desk import a_desk
from services.cli.words import in_words
from services.routing.publishing.commands import Draft
from services.routing.publishing.people import Person
from shared.events.errors import FengqiaoError, RefusedError
from shared.events.rules import Backtest, Certificate
from tests.conftest import MONDAY, fresh_database

HE, SHE = "justice-zhuji/official-01", "court-zhuji/official-02"
TODAY = MONDAY.date()


@pytest.fixture
def product(database, postgres, postgres_url, tmp_path, monkeypatch):
    """The settings of an installation whose time stands still on Monday."""
    monkeypatch.setenv("FENGQIAO_DATABASE_URL", postgres_url)
    monkeypatch.setenv("FENGQIAO_KEYSTORE_URL", fresh_database(postgres.url))
    monkeypatch.setenv("FENGQIAO_DATA", str(tmp_path / "data"))
    return database


def run(*arguments):
    done = CliRunner().invoke(app, ["rules", *map(str, arguments), "--json"])
    if done.exception:
        assert isinstance(done.exception, FengqiaoError), done.exception
        return in_words(done.exception)
    return json.loads(done.stdout)


def days(number):
    return TODAY + timedelta(days=number)


def proposed(first, last=None, *, emergency=False):
    """A proposal of the shipped pack for other days."""
    with a_desk() as desk:
        pack, directory = desk.packs.shipped, desk.house.region.digest
        draft = Draft(
            pack=pack.digest,
            version=pack.version,
            certificate=Certificate(
                digest="c", pack=pack.digest, directory=directory, passed=True
            ),
            backtest=Backtest(
                digest="b", pack=pack.digest, disputes=9, flips=1, unanswered=0
            ),
            reason="样例",
            valid_from=first,
            until=last,
            emergency=emergency,
        )
        who = Person(by="justice-zhuji", person="official-01")
        return desk.publishing.propose(who, draft)


def published(first, last=None, *, emergency=False):
    number = proposed(first, last, emergency=emergency)
    for official in (HE, SHE):
        run("approve", number, "--by", official)
    assert run("publish", number, "--by", HE)["number"] == number
    return number


def calendar():
    return [(p["since"], p["until"]) for p in run("list")["periods"]]


def test_two_officials_publish_and_the_calendar_shows_it(product):
    number = proposed(days(5))
    run("approve", number, "--by", HE)
    assert "2" in run("publish", number, "--by", HE), "one official is not two"
    assert "official-01" in run("approve", number, "--by", HE)
    assert calendar() == [("", "")]

    done = run("approve", number, "--by", SHE)
    assert done["proposal_stage"] == "可发布 · may be published"
    assert run("publish", number, "--by", HE)["number"] == number

    found = run("list")
    assert calendar() == [("", str(days(4))), (str(days(5)), "")]
    assert found["proposals"][0]["approved_by"] == f"{HE}, {SHE}"
    assert found["today"] == str(TODAY)


def test_a_second_pack_on_one_day_and_a_start_in_the_past_are_refused(product):
    number, waiting = published(days(5)), proposed(days(1))
    before = calendar()

    with pytest.raises(FengqiaoError) as two:
        proposed(days(5))
    with pytest.raises(FengqiaoError) as past:
        proposed(days(-1))
    for official in (HE, SHE):
        run("approve", waiting, "--by", official)
    product.advance(timedelta(days=3))
    too_late = run("publish", waiting, "--by", HE)

    assert str(days(5)) in in_words(two.value) and str(number) in in_words(two.value)
    assert str(days(-1)) in in_words(past.value) and "--from" in in_words(past.value)
    assert str(days(1)) in too_late and "--from" in too_late
    assert calendar() == before


def test_an_emergency_is_withdrawn_and_the_former_pack_is_back(product):
    number = published(TODAY, days(9), emergency=True)
    assert calendar()[1] == (str(TODAY), str(days(9)))

    run("withdraw", number, "--by", SHE, "--why", "已排除")

    assert calendar() == [("", "")]


def test_who_acts_is_a_named_person_of_a_body_and_says_why(product):
    number = proposed(days(5))

    unknown = run("approve", number, "--by", "police-nowhere/official-01")
    assert "police-nowhere" in unknown and "bodies.csv" in unknown
    assert "张三" not in run("approve", number, "--by", "张三")
    assert "justice-zhuji/official-01" in run("approve", number, "--by", "张三")
    assert "justice-zhuji/official" in run("approve", 99, "--by", "justice-zhuji/ ")
    assert "工作姓名" in run("approve", number, "--by", "justice-zhuji")
    assert "--why" in run("reject", number, "--by", SHE, "--why", " ")
    assert run("show", number)["approved_by"] == ""

    run("reject", number, "--by", SHE, "--why", "依据不足")
    assert run("show", number)["proposal"]["stage"] == "rejected"
    assert str(number) in run("approve", number, "--by", HE)
    assert "99" in run("show", 99)


def test_only_a_public_body_of_a_county_decides_on_rules(product):
    number, why = proposed(days(5)), ["--why", "样例"]
    for who in ("lawfirm-fengqiao/x", "pmc-fengqiao/x", "judicial-fengqiao/x"):
        for command in ("approve", "publish"):
            told = run(command, number, "--by", who)
            assert who.split("/")[0] in told and "justice-zhuji" in told
        assert "县级以上" in run("reject", number, "--by", who, *why)
        assert "县级以上" in run("publish-directory", "--by", who, *why)
    assert run("show", number)["approved_by"] == ""
    assert run("list")["proposals"][0]["number"] == number

    begun = published(TODAY, days(2), emergency=True)
    assert "县级以上" in run("withdraw", begun, "--by", "lawfirm-fengqiao/x", *why)
    assert run("show", begun)["proposal"]["stage"] == "published"


def test_a_pack_that_cannot_be_is_not_proposed_and_nothing_changes(product, tmp_path):
    with resources.as_file(resources.files("shared") / "regions" / "sample") as found:
        folder = Path(copytree(found, tmp_path / "county"))
    broken = folder / "routing.dmn"
    broken.write_bytes(broken.read_bytes()[:900])
    told = ["--by", HE, "--why", "样例", "--from", days(3)]

    assert "routing.dmn" in run("propose", folder, *told)
    assert "shaoxing" in run("propose", "shaoxing", *told)
    assert "--from" in run("propose", "sample", *told[:-1], days(-1))
    assert "--emergency-until" in run("propose", "sample", *told[:-1], TODAY)
    assert run("list")["proposals"] == []
    assert calendar() == [("", "")]


def test_a_pack_is_only_proposed_for_days_that_it_says_itself(product, tmp_path):
    with resources.as_file(resources.files("shared") / "regions" / "sample") as found:
        folder = Path(copytree(found, tmp_path / "county"))
    head = folder / "region.toml"
    told = ["--by", HE, "--why", "样例", "--from", days(3)]

    def says(old, new):
        head.write_text(head.read_text().replace(old, new, 1))
        return run("propose", folder, *told)

    later = "valid_from = 2027-01-01"
    assert "2027-01-01" in says("valid_from = 2024-01-01", later)
    assert "9999-12-31" in says(later, f"{later}\nvalid_to = 9999-12-31")
    assert run("list")["proposals"] == []


def test_a_directory_is_used_from_the_next_start_after_it_was_published(
    product, tmp_path, monkeypatch
):
    folder, began = changed_folder(tmp_path), run("list")["directory"]

    monkeypatch.setenv("FENGQIAO_REGION", str(folder))
    changed_only = run("list"), in_use()
    monkeypatch.delenv("FENGQIAO_REGION")

    told = run("publish-directory", folder, "--by", HE, "--why", "更名")
    after = run("list")

    found = changed_only[0]["found_directory"]
    assert changed_only == ({**changed_only[0], "directory": began}, began)
    assert found == told["directory"] == after["directory"] == in_use() != began
    assert after["found_directory"] == began


def test_a_published_directory_that_was_changed_where_it_is_kept_lets_nobody_stand_in(
    product, tmp_path, monkeypatch, database
):
    folder = changed_folder(tmp_path)
    told = run("publish-directory", folder, "--by", HE, "--why", "更名")
    with database.transaction() as cursor:
        content = "UPDATE routing.pack_content SET content = %s WHERE digest = %s"
        cursor.execute(content, [b"changed", told["directory"]])

    with pytest.raises(RefusedError) as refusal:
        in_use()
    monkeypatch.setenv("FENGQIAO_REGION", str(folder))

    assert refusal.value.reason == "published-directory-unreadable"
    assert in_use() == told["directory"]


def changed_folder(tmp_path):
    """The sample region with a body renamed."""
    with resources.as_file(resources.files("shared") / "regions" / "sample") as found:
        folder = Path(copytree(found, tmp_path / "county"))
    with (folder / "bodies.csv").open(encoding="utf-8") as file:
        changed = file.read().replace("枫桥镇样例派出所", "枫桥镇派出所", 1)
    (folder / "bodies.csv").write_text(changed, encoding="utf-8")
    return folder


def in_use():
    with a_house() as house:
        return house.region.digest


def test_where_nothing_is_to_be_shown_the_answer_says_so(product):
    def shown(*arguments):
        return CliRunner().invoke(app, ["rules", *arguments]).output

    assert "No draft runs beside" in shown("shadow")
    told = shown("statistics", "--propose")
    assert "decided anything yet" in told and "declined 30%" in told
