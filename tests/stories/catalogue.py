"""All stories, in the order of telling."""

from __future__ import annotations

from tests.stories import handoffs, papers, rights
from tests.stories.telling import Story

STORIES: tuple[Story, ...] = (
    handoffs.neighbours_settle_in_the_village,
    handoffs.the_village_declines_and_the_town_takes_it,
    handoffs.a_second_decline_is_decided_by_a_public_body,
    handoffs.nobody_answers_and_the_offer_goes_up,
    handoffs.time_runs_out_in_village_and_town,
    handoffs.it_is_not_performed_and_taken_up_again,
    rights.a_party_refuses_and_is_led_to_law,
    rights.a_party_goes_to_law_in_the_middle,
    rights.violence_at_home_stays_with_the_police,
    rights.what_a_court_delegated_goes_back_to_it,
    rights.an_appraisal_takes_longer_than_the_limit,
    rights.the_gym_members_are_paid,
    papers.the_same_referral_comes_three_ways,
    papers.the_same_reference_with_other_content,
    papers.a_correction_finds_another_village,
    papers.what_happened_long_ago_is_told_late,
    papers.an_unreadable_referral_is_repaired,
    papers.an_answer_to_no_dispute_is_repaired,
)
