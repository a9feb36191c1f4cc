"""The page on scale says what its formulas make of the figures."""

from __future__ import annotations

from bench.scale import PAGE, Scale, page_with, read_figures, table
from services.compose import FOREIGN, HEARS

MEASURED = {
    "cpu_per_1000": {**dict.fromkeys(HEARS, 1.0), "audit": 500.0, "postgres": 10.0},
    "whole_kb": 50.0,
    "topics_kb": 20.0,
    "log_kb": 40.0,
    "connections": 70,
}
ASSUMED = {
    "busiest": 10,
    "catch_up": 2,
    "core_share": 0.5,
    "connections_for_people": 20,
    "years_online": 5,
    "largest_database_gb": 4000,
    "years_on_topics": 1,
    "copies": 3,
}
ONE_A_SECOND = Scale(365 * 24 * 3600, MEASURED, ASSUMED)
A_HUNDRED_MILLION = Scale(100_000_000, MEASURED, ASSUMED)


def test_the_page_shows_what_the_formulas_give():
    page = PAGE.read_text("utf-8")

    assert page == page_with(page, table(read_figures()))


def test_every_service_has_two_processes_and_as_many_more_as_its_load_needs():
    assert (ONE_A_SECOND.busiest, ONE_A_SECOND.carried) == (10, 20)
    assert ONE_A_SECOND.processes("routing") == 2
    assert ONE_A_SECOND.processes("audit") == 20  # 10 cores, each used to a half


def test_partitions_leave_room_for_twice_the_processes_of_the_busiest_service():
    assert ONE_A_SECOND.partitions == 64


def test_connections_grow_with_processes_and_groups_do_not():
    assert ONE_A_SECOND.all_processes == 4 * 2 + 20 + 2 + 2
    assert ONE_A_SECOND.connections == 32 * 10 + 20
    assert ONE_A_SECOND.groups == 4 + len(FOREIGN)


def test_what_is_kept_decides_how_many_installations_there_are():
    assert A_HUNDRED_MILLION.database_gb == 5_000
    assert A_HUNDRED_MILLION.installations == 7  # 25,000 GB, 4,000 in each
    assert A_HUNDRED_MILLION.topics_gb == 6_000
