"""What may be done with a referral, decided from what became of it so far."""

from __future__ import annotations

import pytest

from services.intake.corrections import Correction
from services.intake.domain import Intake
from services.intake.entries import Entries
from services.intake.reading import NotADispute
from services.intake.sealing import content, identity, keys_needed, party_key
from shared.calendar import load_calendar
from shared.events.cache import Folded
from shared.events.errors import RefusedError, UnknownDisputeError
from shared.events.intake import (
    DisputeCorrected,
    DisputeRegistered,
    ReferralReturned,
)
from shared.events.vocabulary import Source, dispute_code
from shared.sealing import Key, unseal
from tests.unit.intake_given import MONDAY, POLICE, REGION, SIDES, referral

INDEX_KEY = bytes(32)


class Keys:
    """A key store in memory whose keys anybody can guess."""

    index_key = INDEX_KEY

    def keys_for(self, ids):
        return {key: Key(key, key.bytes * 2) for key in ids}


ENTRIES = Entries(REGION, load_calendar(), Keys())
NOTHING = Intake()
MATTER = NotADispute(
    sender=POLICE,
    source=Source.POLICE,
    reference="FQ-20260301-01",
    reason="not-a-dispute",
    record="x",
)


def after(state, intent):
    for event in intent.make(state):
        state = state.evolve(event)
    return state


def entering(read):
    return ENTRIES.entering(read, MONDAY)


def registered(read=None):
    return after(NOTHING, entering(read or referral()))


def test_a_referral_is_registered_with_code_holder_and_clock():
    (event,) = entering(referral()).make(NOTHING)

    assert isinstance(event, DisputeRegistered)
    assert event.code == dispute_code(referral().dispute, "330681109201")
    assert event.first_contact == POLICE
    assert event.first_clock.due > MONDAY
    assert event.first_clock.provisional
    assert event.directory == REGION.digest


def test_persons_are_sealed_each_under_a_key_of_their_own():
    told = referral()
    (event,) = entering(told).make(NOTHING)
    keys = Keys().keys_for(keys_needed(told))
    first, second = event.parties

    assert first.key == party_key(told.dispute, 1) != second.key
    place = f"{told.dispute}/party-1/contact"
    assert unseal(keys[first.key], first.contact, place) == SIDES[0]["contact"]
    narrative = unseal(
        keys[event.narrative.key], event.narrative, f"{told.dispute}/narrative"
    )
    assert narrative == told.narrative


def test_nothing_personal_is_readable_in_the_event():
    (event,) = entering(referral()).make(NOTHING)
    stored = event.model_dump_json()

    for secret in (SIDES[0]["name"], SIDES[0]["contact"], SIDES[1]["name"], "排水沟"):
        assert secret not in stored


def test_the_same_content_again_changes_nothing():
    assert list(entering(referral()).make(registered())) == []


def test_a_reference_is_not_used_for_other_content():
    other = referral(kind="contract", parties=[SIDES[0], {**SIDES[1], "minor": True}])

    with pytest.raises(RefusedError, match=r"kind, parties\.2 differ") as refusal:
        list(entering(other).make(registered()))

    assert refusal.value.reason == "reference-reused"
    assert refusal.value.facts["fields"] == ["kind", "parties.2"]


def test_a_correction_names_what_it_changes():
    better = referral(place="330681109202")
    digests = content(better, INDEX_KEY)
    correction = ENTRIES.correcting(corrected(better), MONDAY)

    (event,) = correction.make(registered())

    assert isinstance(event, DisputeCorrected)
    assert event.changed == ("place",)
    assert event.facts.place == "330681109202"
    assert event.fingerprint == digests
    assert correction.actor.person == "wang"


def corrected(read, command_id="c1"):
    return Correction(command_id, "wang", read)


def test_a_correction_of_nothing_is_refused():
    with pytest.raises(UnknownDisputeError):
        list(ENTRIES.correcting(corrected(referral()), MONDAY).make(NOTHING))


def test_a_correction_that_changes_nothing_says_nothing():
    assert (
        list(ENTRIES.correcting(corrected(referral()), MONDAY).make(registered())) == []
    )


def test_after_a_correction_the_corrected_content_is_what_is_known():
    better = referral(place="330681109202")
    state = after(registered(), ENTRIES.correcting(corrected(better), MONDAY))

    assert list(entering(better).make(state)) == []


def test_the_first_content_is_still_known_after_a_correction():
    intent = entering(referral())
    state = after(
        registered(), ENTRIES.correcting(corrected(referral(kind="contract")), MONDAY)
    )
    folded = Folded(state, 2, frozenset({intent.cause}))

    assert ENTRIES.came_before(referral(), folded)


def test_what_is_no_dispute_is_returned_once():
    (event,) = entering(MATTER).make(NOTHING)
    state = NOTHING.evolve(event)

    assert isinstance(event, ReferralReturned)
    assert event.reason == "not-a-dispute"
    assert list(entering(MATTER).make(state)) == []


def test_after_a_return_a_corrected_referral_may_be_registered():
    state = after(NOTHING, entering(MATTER))

    assert registered().code == after(state, entering(referral())).code


def test_what_is_registered_is_not_returned():
    with pytest.raises(RefusedError) as refusal:
        list(entering(MATTER).make(registered()))

    assert refusal.value.reason == "already-registered"


def test_the_same_content_is_the_same_command_whatever_the_transport():
    again = referral(occurred_at="2026-03-01T02:30:00Z", flags=[], amount=None)

    assert entering(again).cause == entering(referral()).cause


@pytest.mark.parametrize(
    "changes",
    [
        {"narrative": "另一件事。"},
        {"amount": 1},
        {"flags": ["sensitive"]},
        {"asked": "referral"},
        {"parties": SIDES[::-1]},
        {"parties": SIDES[:1]},
        {"occurred_at": None},
        {"prior_failed": ["pmc-fengqiao"]},
    ],
)
def test_any_difference_in_content_is_another_content(changes):
    one, other = content(referral(), INDEX_KEY), content(referral(**changes), INDEX_KEY)

    assert identity(one) != identity(other)
