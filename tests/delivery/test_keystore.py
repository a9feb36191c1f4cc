"""One key per party for everybody, and none ever again once it is destroyed."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from shared import keystore
from shared.keystore import KeyMissingError, KeyStore, KeyStoreAwayError, MasterKey
from shared.masterkey import MasterKeyError
from shared.sealing import UnsealError, seal, unseal

PLACE = "7d1f4a52-0000-5000-8000-000000000001/party-1/name"


@pytest.fixture(scope="module")
def master():
    return MasterKey(os.urandom(32))


@contextmanager
def fresh_database(postgres_url):
    name = f"keys_{uuid4().hex}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        yield make_conninfo(postgres_url, dbname=name)
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module")
def url(postgres, master):
    """A database of its own, with the tables of the key store."""
    with fresh_database(postgres.url) as url:
        with closing(KeyStore(url, master)) as store:
            store.migrate()
        yield url


@pytest.fixture
def store(url, master):
    with closing(KeyStore(url, master)) as store:
        yield store


@pytest.fixture
def elsewhere(url, master):
    """The same key store as another process has it, with a clock that a test moves."""
    with closing(KeyStore(url, master, clock=Clock())) as store:
        yield store


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def row(url, key):
    with psycopg.connect(url) as connection:
        query = "select wrapped, state, algorithm from keys.party_keys where key = %s"
        return connection.execute(query, [key]).fetchone()


def set_state(url, key, state):
    with psycopg.connect(url) as connection:
        query = "update keys.party_keys set state = %s where key = %s"
        connection.execute(query, [state, key])


def wait_until_waiting(url, how_many):
    query = """
        select count(*) from pg_stat_activity where wait_event_type = 'Lock'
        and application_name = 'fengqiao-keys' and datname = current_database()
    """
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute(query).fetchone() != (how_many,):
            pass


def test_parties_get_keys_of_their_own_that_every_process_finds(store, elsewhere):
    one, two = uuid4(), uuid4()

    made = store.keys_for([one, two, one])

    assert made.keys() == {one, two}
    assert made[one].secret != made[two].secret
    assert elsewhere.keys_for([two, one]) == made
    assert elsewhere.get(one) == store.get(one) == made[one]


def test_asking_for_no_keys_needs_no_database(master):
    with closing(KeyStore("host=127.0.0.1 port=1", master)) as store:
        assert store.keys_for([]) == {}


def test_a_known_party_beside_a_new_one_keeps_its_key(store, elsewhere):
    known, new = uuid4(), uuid4()
    before = store.keys_for([known])[known]

    assert elsewhere.keys_for([new, known])[known] == before


def test_processes_that_ask_at_once_in_any_order_get_the_same_keys(url, master):
    ids = [uuid4() for _ in range(200)]
    orders = [ids, ids[::-1], ids[100:] + ids[:100], ids[::2] + ids[1::2]]
    ready = threading.Barrier(len(orders))

    def ask(order):
        with closing(KeyStore(url, master)) as store:
            ready.wait()
            return store.keys_for(order)

    with ThreadPoolExecutor(len(orders)) as pool:
        first, *others = pool.map(ask, orders)

    assert len(first) == 200
    assert all(other == first for other in others)


def test_processes_that_wait_for_each_others_keys_do_not_deadlock(
    url, store, elsewhere
):
    first, middle, last = sorted(uuid4() for _ in range(3))
    pool = ThreadPoolExecutor(2)

    with psycopg.connect(url) as third, pool:
        third.execute(
            "insert into keys.party_keys (key, wrapped, algorithm) values (%s, '', '')",
            [middle],
        )
        one = pool.submit(store.keys_for, [first, middle, last])
        two = pool.submit(elsewhere.keys_for, [last, middle, first])
        wait_until_waiting(url, 2)
        third.rollback()

    assert one.result() == two.result()


def test_the_database_holds_no_key_that_opens_anything_by_itself(store, url):
    key = store.keys_for([(party := uuid4())])[party]

    wrapped, state, algorithm = row(url, party)

    assert (state, algorithm) == ("live", "AES-256-GCM")
    assert key.secret not in wrapped


def test_a_party_that_never_had_a_key_is_unknown(store):
    with pytest.raises(KeyMissingError, match="never made in this key store"):
        store.get(uuid4())


def test_what_was_sealed_with_a_destroyed_key_stays_closed(store, elsewhere, url):
    party, other = uuid4(), uuid4()
    keys = store.keys_for([party, other])
    kept = seal(keys[other], "钱多多", PLACE)

    store.destroy(party)

    for ask in (store.get, elsewhere.get, lambda key: store.keys_for([other, key])):
        with pytest.raises(KeyMissingError, match="erased by law") as missing:
            ask(party)
        assert (missing.value.key, missing.value.state) == (party, "destroyed")
    assert row(url, party)[:2] == (None, "destroyed")
    assert unseal(store.get(other), kept, PLACE) == "钱多多"


def test_a_destroyed_key_is_never_made_again_for_the_same_party(store, elsewhere):
    party = uuid4()
    store.keys_for([party])
    store.destroy(party)
    store.destroy(party)

    for _ in range(2):
        with pytest.raises(KeyMissingError):
            elsewhere.keys_for([party])


def test_a_key_cannot_be_called_destroyed_while_its_content_is_there(store, url):
    party = uuid4()
    store.keys_for([party])

    with pytest.raises(psycopg.errors.CheckViolation):
        set_state(url, party, "destroyed")


def test_a_party_erased_before_it_ever_had_a_key_gets_none(store):
    party = uuid4()

    store.destroy(party)

    with pytest.raises(KeyMissingError, match="destroyed"):
        store.keys_for([party])


def test_a_key_destroyed_elsewhere_is_forgotten_within_a_minute(store, elsewhere):
    party = uuid4()
    elsewhere.keys_for([party])
    store.destroy(party)

    elsewhere._cache._clock.now += keystore.CACHED_FOR

    with pytest.raises(KeyMissingError):
        elsewhere.get(party)


def test_a_closed_key_is_not_handed_out(store, elsewhere, url):
    party = uuid4()
    store.keys_for([party])
    set_state(url, party, "sealed")

    with pytest.raises(KeyMissingError, match="approval of two persons"):
        elsewhere.keys_for([party])


def test_memory_holds_no_more_keys_than_its_limit_and_loses_none(
    url, master, monkeypatch
):
    monkeypatch.setattr(keystore, "CACHED_KEYS", 10)
    with closing(KeyStore(url, master)) as store:
        ids = [uuid4() for _ in range(25)]
        made = store.keys_for(ids)

        assert len(store._cache) == 10
        assert {key: store.get(key) for key in ids} == made
        assert len(store._cache) == 10


def test_keys_in_memory_need_no_database(store, url, master):
    party = uuid4()
    key = store.keys_for([party])[party]
    store.close()

    assert store.get(party) == key


def test_a_row_moved_to_another_party_does_not_open(store, elsewhere, url):
    one, two = uuid4(), uuid4()
    store.keys_for([one, two])
    with psycopg.connect(url) as connection:
        query = "update keys.party_keys set wrapped = %s where key = %s"
        connection.execute(query, [row(url, one)[0], two])

    with pytest.raises(MasterKeyError, match="its row was changed"):
        elsewhere.get(two)


def test_a_store_made_with_another_master_key_is_refused(url):
    other = MasterKey(os.urandom(32))
    refused = pytest.raises(MasterKeyError, match="another master key")

    with closing(KeyStore(url, other)) as store, refused:
        store.migrate()


def test_processes_that_migrate_at_once_do_not_disturb_each_other(postgres_url, master):
    ready = threading.Barrier(4)

    def migrate(url):
        with closing(KeyStore(url, master)) as store:
            ready.wait()
            store.migrate()
            return store.keys_for([party])

    party = uuid4()
    with fresh_database(postgres_url) as url, ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(migrate, [url] * 4)

    assert others == [first] * 3


def test_a_connection_that_the_server_cut_is_replaced_unnoticed(store, url):
    store.keys_for([uuid4()])
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where application_name = 'fengqiao-keys'"
        )

    assert store.keys_for([uuid4()])


def test_a_key_store_that_is_away_says_so_and_can_be_asked_again(master, monkeypatch):
    monkeypatch.setitem(keystore._POOL, "timeout", 0.2)
    with closing(KeyStore("host=127.0.0.1 port=1", master)) as store:
        for _ in range(2):
            with pytest.raises(KeyStoreAwayError, match="try again"):
                store.keys_for([uuid4()])


def test_a_value_sealed_under_a_forged_key_of_the_same_party_does_not_open(store):
    party = uuid4()
    sealed = seal(store.keys_for([party])[party], "赵小满", PLACE)
    forged = type(store.get(party))(party, os.urandom(32))

    with pytest.raises(UnsealError):
        unseal(forged, sealed, PLACE)
