"""Files are imported whole, or their good rows when told so, and every row is told of."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rich.console import Console

from services.intake.corrections import correction_from
from services.intake.file_refusals import FileRefusedError
from services.intake.file_report import Outcome
from services.intake.files import import_file
from services.intake.refusals import ReferralRefusedError
from services.intake.topics import Referrals
from shared.events.base import Actor
from shared.events.facts import Exactness
from shared.events.inbox import Inbox
from shared.events.kafka import Foreign
from shared.events.vocabulary import Flag, HandoffKind, dispute_id
from shared.vault import Vault
from tests.delivery.intake_given import an_intake, stored
from tests.petition_ledger import SAMPLE
from tests.unit.intake_given import INCIDENT, POLICE, REFERRAL, body

SAMPLES = Path(__file__).parents[2] / "samples"
CLERK = Actor(body=POLICE, person="wang")


@pytest.fixture
def intake(database):
    with an_intake(database) as service:
        yield service


@pytest.fixture
def inbox(intake):
    return Inbox(intake, Vault(intake._keystore))


@pytest.fixture
def importing(intake, inbox):
    def importing(path, sender=POLICE, **how):
        return import_file(intake, inbox, path, sender, **how)

    return importing


def lines(path, *records):
    raw = [r if isinstance(r, bytes) else body(r) for r in records]
    path.write_bytes(b"\n".join(raw))
    return path


def incident(number, **changes):
    return {**INCIDENT, "接警编号": f"F{number}", **changes}


def outcomes(report):
    return [str(row.outcome) for row in report.rows]


def names(database):
    return Counter(name.removesuffix(".v1") for name, _ in stored(database))


def test_a_file_without_faults_is_imported(importing, tmp_path, database):
    path = lines(tmp_path / "x.jsonl", incident(1), incident(2, 警情类别="咨询"))

    report = importing(path)

    assert report.imported
    assert outcomes(report) == ["new", "returned"]
    assert report.rows[0].code.startswith("330681-")
    assert names(database) == {"dispute.registered": 1, "referral.returned": 1}


def test_a_file_imported_again_creates_nothing_twice(importing, tmp_path, database):
    path = lines(tmp_path / "x.jsonl", incident(1), incident(2, 警情类别="咨询"))
    first, second = importing(path), importing(path)

    assert outcomes(second) == ["known", "returned"]
    assert second.rows[0].code == first.rows[0].code
    assert names(database).total() == 2


def test_looking_records_nothing(importing, tmp_path, database):
    path = lines(tmp_path / "x.jsonl", incident(1), b"{", incident(2, 警情类别="咨询"))

    report = importing(path, dry_run=True, good_rows=True)

    assert not report.imported
    assert outcomes(report) == ["new", "refused", "returned"]
    assert names(database).total() == 0


def test_looking_tells_what_importing_does(importing, tmp_path):
    importing(lines(tmp_path / "a.jsonl", incident(1), incident(2)))
    path = lines(
        tmp_path / "b.jsonl",
        incident(1),
        incident(2, 警情类别="债务纠纷"),
        incident(3),
        incident(3),
        incident(3, 对方="另一人"),
        incident(4, 警情类别="咨询"),
        b"\xff",
    )

    foreseen = importing(path, dry_run=True)
    done = importing(path, good_rows=True)

    expected = ["known", "refused", "new", "new", "refused", "returned", "refused"]
    assert outcomes(foreseen) == expected
    assert outcomes(done) == [*expected[:3], "known", *expected[4:]]
    reasons = [[why.reason for why in row.whys] for row in foreseen.rows]
    assert reasons == [
        [],
        ["refused"],
        [],
        [],
        ["reference-twice"],
        ["not-a-dispute"],
        ["not-utf-8"],
    ]


def test_one_bad_row_keeps_the_others_out_until_told(importing, tmp_path, database):
    path = lines(tmp_path / "x.jsonl", incident(1), b'{"broken', incident(2))

    report = importing(path)

    assert not report.imported
    assert report.needs_a_person
    assert names(database).total() == 0


def test_bad_rows_are_parked_when_the_good_ones_go_in(importing, inbox, tmp_path):
    path = lines(tmp_path / "x.jsonl", incident(1), b'{"broken', incident(2))

    report = importing(path, good_rows=True)
    importing(path, good_rows=True)

    assert outcomes(report) == ["new", "refused", "new"]
    (parked,) = inbox.parked()
    assert str(parked.message) == report.rows[1].parked
    assert parked.body == b'{"broken'
    assert parked.came_from == f"file/{POLICE}/row-2"
    assert "not-json" in parked.reason


def test_a_parked_row_is_registered_once_it_is_repaired(
    intake, importing, inbox, tmp_path, database
):
    importing(lines(tmp_path / "x.jsonl", b'{"broken'), good_rows=True)
    (parked,) = inbox.parked()
    again = {"by": CLERK, "why": "typo", "foreign": Referrals(intake, inbox).intents}

    with pytest.raises(ReferralRefusedError):
        inbox.release(parked.message, **again)
    for _ in range(2):
        inbox.release(parked.message, body=body(incident(9)), **again)

    assert inbox.parked() == []
    assert names(database)["dispute.registered"] == 1
    assert intake.receipt_for(POLICE, "F9")


def test_a_parked_row_is_kept_sealed(importing, tmp_path, database):
    importing(lines(tmp_path / "x.jsonl", b'{"secret'), good_rows=True)

    ((kept,),) = database.read("SELECT body FROM intake.parked")
    assert b"secret" not in bytes(kept)


def test_a_correction_does_not_make_the_first_content_unknown(
    intake, importing, tmp_path
):
    path = lines(tmp_path / "x.jsonl", incident(1))
    importing(path)
    better = {**REFERRAL, "reference": "F1", "kind": "contract"}
    data = {"command_id": "c", "person": "wang", "referral": better}
    intake.correct(correction_from(data, intake.ground()))

    assert outcomes(importing(path, dry_run=True)) == ["known"]
    assert outcomes(importing(path)) == ["known"]


def test_many_rows_go_in_by_the_hundred(importing, tmp_path, database):
    path = lines(tmp_path / "x.jsonl", *(incident(n) for n in range(250)))

    report = importing(path)

    assert report.counts == {"new": 250, "known": 0, "returned": 0, "refused": 0}
    assert names(database) == {"dispute.registered": 250}


def test_a_file_with_nothing_in_it_is_refused(importing, tmp_path):
    with pytest.raises(FileRefusedError) as refusal:
        importing(lines(tmp_path / "x.jsonl"))

    assert refusal.value.reason == "empty"


def test_only_a_registered_sender_imports(importing, tmp_path):
    with pytest.raises(ReferralRefusedError, match="unknown-sender"):
        importing(lines(tmp_path / "x.jsonl", incident(1)), "police-nowhere")


def test_faults_of_a_sheet_are_told_by_cell_and_column(importing, tmp_path):
    book = load_workbook(SAMPLE)
    sheet = book.worksheets[0]
    sheet["P4"] = "=1+1"
    sheet["C5"] = "2026年2月30日"
    sheet["H6"] = "330681109299"
    sheet.merge_cells("I7:I8")
    book.save(tmp_path / "x.xlsx")

    report = importing(tmp_path / "x.xlsx", "petition-zhuji")

    bad = {
        row.row: [(why.field, why.reason) for why in row.whys]
        for row in report.rows
        if row.outcome is Outcome.REFUSED
    }
    assert bad == {
        4: [("P4 涉及金额", "formula")],
        5: [("信访日期", "impossible-time")],
        6: [("问题属地", "place-unknown")],
        7: [("I7 信访人", "merged")],
        8: [("I8 信访人", "merged")],
    }


@pytest.mark.parametrize("told", ["330681109203", "枫南样例村"])
def test_a_merged_place_in_a_file_is_registered_and_noted(
    importing, tmp_path, intake, told
):
    book = load_workbook(SAMPLE)
    book.worksheets[0]["H6"] = told
    book.save(tmp_path / "x.xlsx")

    def noted(**how):
        report = importing(tmp_path / "x.xlsx", "petition-zhuji", **how)
        rows = {row.row: row for row in report.rows}
        assert [why.reason for why in rows[6].whys] == ["place-succeeded"]
        assert "330681109203 已并入 330681109202" in rows[6].whys[0].zh
        return rows[6]

    foreseen, entered, again = noted(dry_run=True), noted(), noted()
    assert [row.outcome for row in (foreseen, entered, again)] == [
        Outcome.NEW,
        Outcome.NEW,
        Outcome.KNOWN,
    ]
    (registered,) = intake.history(dispute_id("petition-zhuji", entered.reference))
    assert registered.event.facts.place == "330681109202"


def test_a_merged_place_of_a_topic_is_registered(intake, inbox, database):
    record = {**INCIDENT, "发案地点代码": "330681109203"}
    headers = {"ce_source": f"/{POLICE}"}

    Referrals(intake, inbox)([Foreign("referrals.police", 0, 1, headers, body(record))])

    assert names(database) == {"dispute.registered": 1}
    (registered,) = intake.history(dispute_id(POLICE, record["接警编号"]))
    assert registered.event.place_told == "330681109203"
    assert registered.event.code.startswith("330681-")


def test_a_report_is_told_to_people_and_to_programs(importing, tmp_path):
    path = lines(tmp_path / "x.jsonl", incident(1), b"{", incident(2, 警情类别="咨询"))
    report = importing(path, good_rows=True)
    console = Console(width=200, record=True, file=None)
    with console.capture() as capture:
        console.print(report.as_text())
    shown, told = capture.get(), json.loads(json.dumps(report.as_json()))

    assert report.rows[0].code in shown
    assert "12345" in shown
    assert "fengqiao parked list" in shown
    assert told["counts"] == {"new": 1, "known": 0, "returned": 1, "refused": 1}
    assert told["rows"][1]["whys"][0]["reason"] == "not-json"


def test_long_reports_show_only_rows_that_need_a_look(importing, tmp_path):
    records = [*(incident(n) for n in range(201)), b"{"]
    report = importing(lines(tmp_path / "x.jsonl", *records), dry_run=True)
    console = Console(width=200)
    with console.capture() as capture:
        console.print(report.as_text())

    assert "F7" not in capture.get()
    assert "202" in capture.get()


def test_a_body_cannot_import_for_another(importing, tmp_path):
    path = lines(tmp_path / "x.jsonl", {**REFERRAL, "sender": "court-zhuji"})

    (row,) = importing(path).rows

    assert row.whys[0].reason == "sender-differs"


# The samples


def test_the_police_sample_holds_all_that_a_station_sends(importing, intake, inbox):
    report = importing(SAMPLES / "police-fengqiao.jsonl", good_rows=True)

    assert report.counts == {"new": 22, "known": 1, "returned": 6, "refused": 1}
    (parked,) = inbox.parked()
    mended = parked.body.replace(b'330681109202, "', b'330681109202", "')
    foreign = Referrals(intake, inbox).intents
    inbox.release(parked.message, by=CLERK, why="quote", foreign=foreign, body=mended)
    assert intake.receipt_for(POLICE, "FQ-20260227-01")


@pytest.mark.parametrize(
    ("reference", "flag"),
    [
        ("FQ-20260211-02", Flag.DOMESTIC_VIOLENCE),
        ("FQ-20260213-01", Flag.MINOR_INVOLVED),
        ("FQ-20260219-01", Flag.VIOLATION),
        ("FQ-20260301-01", Flag.PARTY_REFUSES),
    ],
)
def test_the_police_sample_flags_what_gates_look_at(importing, intake, reference, flag):
    importing(SAMPLES / "police-fengqiao.jsonl", good_rows=True)

    (registered,) = intake.history(dispute_id(POLICE, reference))
    assert flag in registered.event.facts.flags


def test_the_petition_sample_has_first_and_repeat_petitions(importing, intake):
    report = importing(SAMPLE, "petition-zhuji")

    assert report.counts == {"new": 11, "known": 0, "returned": 1, "refused": 0}
    codes = [intake.receipt(row.code).dispute for row in report.rows if row.code]
    flags = [flag for d in codes for flag in intake.history(d)[0].event.facts.flags]
    assert flags.count(Flag.REPEAT_PETITION) == 3
    assert {Flag.ACCUSATION, Flag.TITLE_MATTER, Flag.ADMINISTRATIVE} <= set(flags)


def test_the_court_sample_delegates_three_suits(importing, intake):
    report = importing(SAMPLES / "court-zhuji.jsonl", "court-zhuji")

    found = [intake.receipt(row.code).dispute for row in report.rows]
    asked = [intake.history(d)[0].event.facts.asked for d in found]
    assert asked == [HandoffKind.COURT_DELEGATED_MEDIATION] * 3


def test_the_procuratorate_sample_is_one_dispute_of_121_parties(importing, intake):
    report = importing(SAMPLES / "procuratorate-manas.jsonl", "procuratorate-manas")

    (row,) = report.rows
    event = intake.history(intake.receipt(row.code).dispute)[0].event
    facts = event.facts
    assert (facts.persons, facts.side, len(event.parties)) == (121, 120, 121)
    assert facts.amount.yuan == 60_000
    assert facts.amount.exactness is Exactness.AT_LEAST
    assert facts.asked is HandoffKind.ENTRUSTED_MEDIATION
    assert facts.prior_failed == ("consumer-manas",)
    assert Flag.GROUP in facts.flags
    assert event.parties[-1].organisation


def test_the_samples_are_by_invented_persons(importing):
    for path in SAMPLES.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert line.count("199-0000-") == line.count("199-")
