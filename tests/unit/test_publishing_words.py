"""What people read about publications, beside the tables."""

from __future__ import annotations

from datetime import UTC, datetime

from services.cli.rules_backtest_shown import no_shadow
from services.cli.rules_grounds import grounds, proved
from services.cli.rules_looked import looked, waiting
from services.cli.rules_publish import directories
from services.cli.rules_raised import outcomes
from services.routing.backtest.looked import AboveThreshold, Seen
from services.routing.backtest.raising import ITSELF
from services.routing.backtest.shadow import Counted
from services.routing.backtest.statistics import RowStatistics
from services.routing.backtest.suggesting import Threshold
from shared.events.rules import Backtest, Certificate, DirectoryFound
from tests.unit.test_publishing import draft, given, proposed

CERTIFICATE = Certificate(
    digest="c" * 64,
    pack="b",
    directory="d1",
    passed=True,
    summary={"day": "2026-03-03", "notes": 1, "rows": 1234, "novelty": 7},
)
TRIED = Backtest(
    digest="t",
    pack="b",
    disputes=9,
    flips=1,
    unanswered=0,
    summary={"decisions": 12, "until_position": 88},
)


def row(name, used, declined, table="lead", rules="sample@b"):
    return RowStatistics(rules, table, name, used, declined, 0, 0, 0)


def raised(name, number=None, refused=None, stage="open"):
    told = {"number": number, "proposal_stage": stage, "refused": refused}
    return {"table": "lead", "row": name, **told}


def told(rows, new=()):
    return [*outcomes(rows, new, Threshold(30, 20), "sample@b")]


def test_what_was_proved_and_tried_is_told_in_words_a_line_each():
    more = {"certificate": CERTIFICATE, "backtest": TRIED}
    (made,) = proposed(**more)
    shown = [name for name, _ in grounds(made)]

    for word in ("提示 · notes", "规则行 · rows", "回测的决定 · decisions tried"):
        assert f"　{word}" in shown
    assert not any(name.strip() in ("notes", "rows", "decisions") for name in shown)
    assert made.reason == draft().reason and shown[0].startswith("理由")


def test_what_another_release_counted_keeps_its_own_name():
    assert ("　novelty", 7) in [*proved(CERTIFICATE)]


def test_a_directory_in_the_folder_that_nobody_published_is_marked():
    ((_, alone),) = directories("d1", "d1")
    (_, published), (_, found) = directories("d1", "d2")

    assert alone == "d1"
    assert found == "d2 未发布 · not published"
    assert published == "d1"


def test_that_nothing_runs_beside_is_said_in_words():
    ended = Counted("b", "sample@b", "d1", 9, 3, 2, 0)

    assert "没有草案" in no_shadow(None).plain
    assert "sample@b" in no_shadow(ended).plain and "3" in no_shadow(ended).plain


def test_every_row_above_the_threshold_is_told_what_was_done_about_it():
    rows = [
        row("L1", 20, 10),
        row("L2", 20, 10),
        row("L3", 19, 10),
        row("L4", 20, 10),
        row("L5", 20, 1),
        row("W1", 20, 10, table="way"),
        row("L1", 20, 10, rules="sample@a"),
    ]
    new = [raised("L1", 7), raised("L2", refused="rules-two-packs")]
    one, two, few, nobody, way, former = told(rows, new)

    assert "proposed as 7" in one and "提案 7" in one
    assert "一天有两个规则包" in two and "Two packs on one day" in two
    assert "19" in few and "too few uses" in few
    assert "no other kind" in nobody
    assert "names no bodies" in way
    assert "not in force" in former


def test_a_row_whose_proposal_people_ended_is_told_so():
    new = [raised("L1", 7, stage="rejected")]
    (only,) = told([row("L1", 20, 10)], new)

    assert "提案 7 已经处理（已否决）" in only and "(rejected)" in only


def test_what_the_software_proposed_is_listed_with_its_figures():
    (made,) = proposed(reason="使用 20 次，退回 10 次")
    title, reason = waiting(given(made.model_copy(update=dict(ITSELF))))

    assert "提案 1 由软件提出" in title and "waits for two people" in title
    assert reason.strip() == "使用 20 次，退回 10 次"
    assert [*waiting(given(*proposed()))] == []


def test_what_the_software_could_not_propose_is_listed_with_the_reason():
    def above(refused):
        return AboveThreshold(
            "sample@a", "lead", "L1", 20, 10, 50, 30, 20, None, None, refused
        )

    reasons = ("rules-certificate-failed", "no-other-body", "Unheard")
    at = datetime(2026, 3, 2, 1, tzinfo=UTC)
    head, unproved, nobody, other = looked(Seen(at, tuple(map(above, reasons))))

    assert "2026-03-02 09:00" in head and "3" in head
    assert "检查没有通过" in unproved and "50%，界限 30%" in unproved
    assert "people have to change" in nobody and "Unheard" in other
    (never,) = looked(Seen(None, ()))
    assert "没有自行查看" in never


def test_that_no_row_is_above_the_threshold_is_said():
    (only,) = told([row("L1", 20, 1)])

    assert "30%" in only


def test_a_directory_found_at_a_start_is_not_published_by_that():
    state = given(DirectoryFound(directory="d2"))

    assert (state.directory, state.published_directory) == ("d2", "d1")
