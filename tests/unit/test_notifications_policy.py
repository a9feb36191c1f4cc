"""Who is told what: given what was heard, when this is heard, then these notices."""

from __future__ import annotations

from itertools import permutations
from random import Random
from uuid import uuid5

import pytest

from services.notifications.table import NoticeTable, notice_table
from shared.events.clocks import Pause
from shared.events.escalation import (
    ClockBreached,
    ClockExtended,
    ClockPaused,
    ClockResumed,
    ClockWarned,
    DecidedByHand,
    DesignationAsked,
    DisputeClosed,
    DisputeReopened,
    FactsCorrected,
    HandoffAccepted,
    HandoffDeclined,
    HandoffDesignated,
    HandoffLapsed,
    HandoffRecalled,
    HandReason,
    HumanAsked,
    KeptForSafety,
    LedToLaw,
    OutcomeRecorded,
    SupervisionIssued,
)
from shared.events.intake import ReferralReturned
from shared.events.notifications import Addressee, DisputeLearned, NoticeQueued
from shared.events.vocabulary import (
    DeclineReason,
    Flag,
    HandoffKind,
    Result,
)
from tests.unit.notifications_given import (
    CLOCK,
    CODE,
    DANGER,
    DISPUTE,
    FACTS,
    JUSTICE,
    MONDAY,
    POLICE,
    ROW,
    TOWN,
    VILLAGE,
    corrected,
    notices,
    offered,
    opened,
    reactions,
    registered,
    said,
)

ACCEPTED = HandoffAccepted(by=VILLAGE, sender=POLICE, kind=HandoffKind.REFERRAL)
KEPT = KeptForSafety(holder=POLICE, rows=(ROW,))
SETTLED = OutcomeRecorded(by=VILLAGE, result=Result.AGREED_WRITTEN, parties=2)
LED = LedToLaw(holder=POLICE, routes=("court",), parties=2, rows=(ROW,))


def then(*events, given=()):
    """The notices for the last things that escalation said."""
    history = [opened(), *given]
    before = reactions(said("escalation", *history))
    after = reactions(said("escalation", *history, *events))
    return notices(after[len(before) :])


def notice(event_id, to, template, **facts):
    always = {"code": CODE, "holder": POLICE, "source": "police"}
    return NoticeQueued(
        notice=uuid5(DISPUTE, f"{event_id}/{to}/{template}"),
        to=to,
        template=template,
        facts=always | facts,
        about=event_id,
    )


def test_registration_is_told_to_its_sender_and_to_every_party():
    heard = said("intake", registered())

    learned, *queued = reactions(heard)

    assert learned == DisputeLearned(
        speaker="intake",
        code=CODE,
        holder=POLICE,
        facts=FACTS,
        parties=2,
        silent=False,
        addressees=(Addressee(number=1), Addressee(number=2)),
    )
    id = heard[0].id
    due = CLOCK.due.isoformat()
    assert queued == [
        notice(id, POLICE, "receipt", reference="FQ-2026-17", due=due),
        notice(id, "party:1", "registered_party"),
        notice(id, "party:2", "registered_party"),
    ]


def test_an_offer_is_told_to_the_body_that_is_asked_with_its_letter():
    heard = said("escalation", opened(), offered())

    _, question, letter = reactions(heard)

    id = heard[1].id
    answer_by = offered().answer_by.isoformat()
    assert question == notice(
        id,
        VILLAGE,
        "handoff_offered",
        handoff="referral",
        answer_by=answer_by,
        may_decline="yes",
        **{"from": POLICE},
    )
    assert letter == notice(
        id,
        VILLAGE,
        "handoff_letter",
        handoff="referral",
        answer_by=answer_by,
        asked=VILLAGE,
        co_handlers="judicial-fengqiao",
        kind="neighbour",
        place="330681109201",
        persons="2",
        basis="人民调解法 第十七条",
        **{"from": POLICE},
    )


def test_acceptance_is_told_to_the_body_that_asked_and_to_the_parties():
    assert then(ACCEPTED, given=[offered()]) == [
        (POLICE, "handoff_accepted"),
        ("party:1", "accepted_party"),
        ("party:2", "accepted_party"),
    ]


def test_parties_are_told_who_holds_the_dispute_after_acceptance():
    *_, last = reactions(said("escalation", opened(), offered(), ACCEPTED))

    assert last.facts["holder"] == VILLAGE


def test_a_decline_is_told_to_the_body_that_still_holds():
    declined = HandoffDeclined(by=TOWN, reason=DeclineReason.OUT_OF_SCOPE)

    assert then(declined, given=[offered(), ACCEPTED, offered(TOWN)]) == [
        (VILLAGE, "handoff_declined")
    ]


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (HandoffLapsed(to=VILLAGE), (POLICE, "handoff_lapsed")),
        (
            HandoffRecalled(to=VILLAGE, by=POLICE, reason="other"),
            (VILLAGE, "handoff_recalled"),
        ),
        (
            DesignationAsked(request=2, designator=JUSTICE, clocks=(), rows=(ROW,)),
            (JUSTICE, "designation_asked"),
        ),
        (
            ClockWarned(clock="answer", holder=VILLAGE, due=MONDAY, fired_at=MONDAY),
            (VILLAGE, "clock_warned"),
        ),
        (
            ClockBreached(clock="answer", holder=VILLAGE, due=MONDAY, fired_at=MONDAY),
            (VILLAGE, "clock_breached"),
        ),
        (
            SupervisionIssued(body=VILLAGE, clock="answer", order=1),
            (VILLAGE, "supervision"),
        ),
    ],
)
def test_one_body_is_told(event, told):
    assert then(event, given=[offered()]) == [told]


@pytest.mark.parametrize(
    ("event", "to_sender", "to_parties"),
    [
        (HandoffDesignated(by=JUSTICE, to=TOWN), (TOWN, "designated"), "accepted"),
        (SETTLED, (POLICE, "outcome"), "outcome"),
        (LED, (POLICE, "led_to_law"), "led_to_law"),
        (DisputeClosed(by=VILLAGE, parties=2), (POLICE, "closed"), "closed"),
        (DisputeReopened(by=VILLAGE, reason="r"), (POLICE, "reopened"), "reopened"),
    ],
)
def test_a_body_and_all_parties_are_told(event, to_sender, to_parties):
    assert then(event) == [
        to_sender,
        ("party:1", f"{to_parties}_party"),
        ("party:2", f"{to_parties}_party"),
    ]


def test_a_wish_for_a_person_is_told_to_the_holder_and_to_who_decides():
    wish = HumanAsked(
        party=1, by=POLICE, holder=VILLAGE, decider=JUSTICE, request=1, rows=()
    )

    assert then(wish) == [(VILLAGE, "human_asked"), (JUSTICE, "human_to_decide")]


def test_a_decision_by_hand_is_told_to_the_holder_and_to_the_parties():
    decided = DecidedByHand(
        by=JUSTICE,
        to=TOWN,
        reason=HandReason.WRONG_ROW,
        holder=VILLAGE,
        request=1,
        rows=(),
    )

    assert then(decided) == [
        (VILLAGE, "decided_by_hand"),
        ("party:1", "decided_by_hand_party"),
        ("party:2", "decided_by_hand_party"),
    ]


def test_a_pause_and_its_end_are_told_to_the_parties():
    told = {"by": TOWN, "reason": Pause.APPRAISAL, "paused_at": CLOCK.started_at}

    assert then(ClockPaused(clock="mediation", **told)) == [
        ("party:1", "paused_party"),
        ("party:2", "paused_party"),
    ]
    assert then(ClockResumed(clock=CLOCK, **told)) == [
        ("party:1", "resumed_party"),
        ("party:2", "resumed_party"),
    ]


def test_more_time_is_told_to_the_parties():
    assert then(ClockExtended(clock=CLOCK)) == [
        ("party:1", "extended_party"),
        ("party:2", "extended_party"),
    ]


def test_a_referral_that_is_no_dispute_is_returned_to_its_sender():
    returned = ReferralReturned(
        sender=POLICE,
        reference="FQ-18",
        source="police",
        reason="not-a-dispute",
        fingerprint={},
    )
    heard = said("intake", returned)

    (queued,) = reactions(heard)

    facts = {"reference": "FQ-18", "reason": "not-a-dispute", "source": "police"}
    assert queued == notice(heard[0].id, POLICE, "returned").model_copy(
        update={"facts": facts}
    )


def test_where_there_is_danger_no_party_is_written_to_and_only_the_holder_is_told():
    heard = [
        *said("intake", registered(DANGER)),
        *said("escalation", opened(DANGER), KEPT, SETTLED),
    ]

    assert notices(reactions(heard)) == [
        (POLICE, "receipt"),
        (POLICE, "kept_for_safety"),
        (POLICE, "outcome"),
    ]


def test_an_accusation_is_never_told_to_the_parties():
    accusation = FACTS.model_copy(update={"flags": (Flag.ACCUSATION,)})

    assert notices(reactions(said("intake", registered(accusation)))) == [
        (POLICE, "receipt")
    ]


def test_what_is_kept_for_safety_stays_silent_whatever_the_reason_was():
    assert then(KEPT, SETTLED) == [(POLICE, "kept_for_safety"), (POLICE, "outcome")]


def test_danger_that_comes_to_light_later_silences_the_dispute():
    now_dangerous = FactsCorrected(facts=DANGER, parties=2)

    assert then(now_dangerous, SETTLED) == [(POLICE, "outcome")]


def test_danger_that_was_an_error_lets_the_parties_be_told_again():
    heard = said("intake", registered(DANGER), corrected(FACTS))

    assert notices(reactions(heard)) == [
        (POLICE, "receipt"),
        (POLICE, "corrected"),
        ("party:1", "registered_party"),
        ("party:2", "registered_party"),
    ]


def test_a_party_added_by_a_correction_is_told_and_the_others_not_again():
    heard = said("intake", registered(), corrected(parties=3))

    assert notices(reactions(heard))[3:] == [
        (POLICE, "corrected"),
        ("party:3", "registered_party"),
    ]


def test_each_of_120_members_of_a_group_gets_a_notice_of_their_own():
    heard = said("intake", registered(parties=121))

    queued = [e for e in reactions(heard) if isinstance(e, NoticeQueued)]

    assert [e.to for e in queued[1:]] == [f"party:{n}" for n in range(1, 122)]
    assert len({e.notice for e in queued}) == 122


INTAKE = said("intake", registered(), corrected(parties=3))
ESCALATION = said(
    "escalation",
    opened(),
    offered(),
    FactsCorrected(facts=FACTS, parties=3),
    ACCEPTED,
    SETTLED,
    DisputeClosed(by=VILLAGE, parties=3),
)


def interleaved(random):
    """The two speakers in some order between them, each in its own order."""
    turns = ["intake"] * len(INTAKE) + ["escalation"] * len(ESCALATION)
    random.shuffle(turns)
    told = {"intake": iter(INTAKE), "escalation": iter(ESCALATION)}
    return [next(told[turn]) for turn in turns]


@pytest.mark.parametrize("seed", range(20))
def test_notices_do_not_depend_on_the_order_between_speakers(seed):
    usual = {e.model_dump_json() for e in reactions([*INTAKE, *ESCALATION])}

    other = {e.model_dump_json() for e in reactions(interleaved(Random(seed)))}

    assert other == usual


@pytest.mark.parametrize("order", list(permutations(["intake", "escalation"])))
def test_danger_silences_whoever_is_heard_first(order):
    told = {
        "intake": said("intake", registered(DANGER)),
        "escalation": said("escalation", opened(DANGER), KEPT),
    }

    events = reactions([each for speaker in order for each in told[speaker]])

    assert sorted(notices(events)) == [(POLICE, "kept_for_safety"), (POLICE, "receipt")]


@pytest.mark.parametrize(
    "row",
    [
        {"event": "dispute.lost", "to": "parties", "template": "receipt"},
        {"event": "dispute.closed", "to": "event.nobody", "template": "closed"},
        {"event": "dispute.closed", "to": "sender", "template": "closed"},
        {
            "event": "dispute.closed",
            "to": "event.by",
            "template": "closed",
            "facts": {"due": "event.due"},
        },
    ],
)
def test_a_row_that_could_never_work_does_not_load(row):
    shipped = notice_table()
    data = shipped.model_dump(exclude={"rows"}) | {"notice": [row]}

    with pytest.raises(ValueError, match=r"no (event|field)"):
        NoticeTable.model_validate(data)
