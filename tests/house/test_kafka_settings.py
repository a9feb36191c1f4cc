"""No message is lost by a setting: each is named in one file, or left out for a reason.

The defaults of the libraries commit before handling, start at the end of a topic and
confirm by one broker only. A parameter that a new version of them brings fails here
until somebody has looked at it.
"""

from __future__ import annotations

import ast
import inspect
import tomllib
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared.events.kafka import (
    BROKER,
    CLIENT,
    PATIENT,
    PRODUCER,
    SUBSCRIBER,
    KafkaCarrier,
)

ROOT = Path(__file__).parents[2]
THE_FILE = ROOT / "shared" / "events" / "kafka.py"
TREE = ast.parse(THE_FILE.read_text("utf-8"))
LIBRARIES = {"faststream", "aiokafka"}

IN_EVERY_CALL = {
    "who may connect is not known here: it is for the operator's network": {
        *("security", "security_protocol", "ssl_context", "sasl_mechanism"),
        *("sasl_plain_username", "sasl_plain_password", "sasl_oauth_token_provider"),
        *("sasl_kerberos_service_name", "sasl_kerberos_domain_name"),
    },
    "bytes stay bytes: reading and writing them is for wire.py": {
        *("key_serializer", "value_serializer", "serializer", "codec"),
        *("key_deserializer", "value_deserializer"),
    },
    "no Kafka transactions: the event store is the outbox": {
        *("transactional_id", "transaction_timeout_ms"),
    },
    "where brokers and consumers stand changes no delivery": {"client_rack"},
    "found out from the broker, or from the running program": {"api_version", "loop"},
}
OF_SUBSCRIBERS = IN_EVERY_CALL | {
    "topics are named one by one, and partitions shared by the group": {
        *("topics", "pattern", "partitions", "partition_assignment_strategy"),
        *("listener", "group_instance_id", "exclude_internal_topics"),
    },
    "there is no automatic commit": {"auto_commit_interval_ms"},
    "max_records is the limit of a batch; this one only paces reading ahead": {
        *("max_poll_records", "consumer_timeout_ms"),
    },
    "nothing is answered, injected or documented by the library": {
        *("no_reply", "dependencies", "title", "description", "include_in_schema"),
    },
    "subscribers stay as long as the process": {"persistent"},
}
OF_BROKERS = IN_EVERY_CALL | {
    "each subscriber names its own": {"ack_policy", "parser", "decoder"},
    "nothing is wrapped around handlers": {
        *("middlewares", "dependencies", "routers", "provider", "context"),
        *("consumer_only", "log_level", "id_generator"),
    },
    "the documents under schemas/ are ours": {
        *("specification_url", "protocol", "protocol_version", "description", "tags"),
        "underlying_driver_annotations",
    },
    "nothing is sent through the broker object": {"partitioner"},
}
OF_PRODUCERS = IN_EVERY_CALL | {
    "the relay names partitions itself; letters go by their key": {"partitioner"},
}


def parameters_of(function):
    return inspect.signature(function).parameters.keys() - {"self"}


def calls_of(name):
    calls = [node for node in ast.walk(TREE) if isinstance(node, ast.Call)]
    return [call for call in calls if ast.unparse(call.func) == name]


def spread_into(call):
    return {ast.unparse(word.value) for word in call.keywords if word.arg is None}


def imports_of(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_record_counts_as_sent_only_when_every_copy_is_kept():
    for sender in (PRODUCER, BROKER):
        assert sender["acks"] == "all"
        assert sender["enable_idempotence"] is True


def test_message_is_committed_by_us_and_a_new_group_starts_at_the_beginning():
    assert SUBSCRIBER["ack_policy"] is AckPolicy.MANUAL
    assert SUBSCRIBER["auto_offset_reset"] == "earliest"
    assert SUBSCRIBER["isolation_level"] == "read_committed"
    assert SUBSCRIBER["check_crcs"] is True


def test_subscriber_that_is_made_has_these_settings_and_no_automatic_commit():
    carrier = KafkaCarrier("127.0.0.1:9", "test", failed=str)
    carrier.enter("referrals.police", "intake", entrance=len)

    (subscriber,) = carrier._broker.subscribers
    made = subscriber._connection_args
    assert made["enable_auto_commit"] is False
    assert {name: made[name] for name in made.keys() & SUBSCRIBER} == {
        name: SUBSCRIBER[name] for name in made.keys() & SUBSCRIBER
    }
    assert subscriber.ack_policy is AckPolicy.MANUAL


def test_nobody_makes_a_topic_by_naming_it():
    broker = tomllib.loads((ROOT / "deploy" / "broker.toml").read_text("utf-8"))

    assert BROKER["allow_auto_create_topics"] is False
    assert broker["common"]["auto.create.topics.enable"] == "false"


def test_consumer_may_think_for_longer_than_it_may_be_silent():
    beat, session = (
        SUBSCRIBER["heartbeat_interval_ms"],
        SUBSCRIBER["session_timeout_ms"],
    )

    assert 3 * beat <= session < SUBSCRIBER["max_poll_interval_ms"]
    assert session <= SUBSCRIBER["rebalance_timeout_ms"]
    assert CLIENT["request_timeout_ms"] > SUBSCRIBER["fetch_max_wait_ms"]


@pytest.mark.parametrize(
    ("made_by", "function", "settings", "left_out"),
    [
        ("self._broker.subscriber", KafkaBroker.subscriber, SUBSCRIBER, OF_SUBSCRIBERS),
        ("KafkaBroker", KafkaBroker.__init__, BROKER, OF_BROKERS),
        ("AIOKafkaProducer", AIOKafkaProducer.__init__, PRODUCER, OF_PRODUCERS),
    ],
    ids=["subscriber", "broker", "producer"],
)
def test_every_parameter_is_named_or_left_out_for_a_reason(
    made_by, function, settings, left_out
):
    named = {word.arg for call in calls_of(made_by) for word in call.keywords}
    set_here = (named - {None}) | settings.keys() | {"bootstrap_servers"}
    reasoned = set().union(*left_out.values())

    assert settings.keys() <= parameters_of(function)
    assert parameters_of(function) - set_here - reasoned == set()
    assert set_here & reasoned == set()
    assert reasoned - set().union(*IN_EVERY_CALL.values()) <= parameters_of(function)


@pytest.mark.parametrize(
    ("made_by", "settings"),
    [
        ("self._broker.subscriber", "settings"),
        ("KafkaBroker", "BROKER"),
        ("AIOKafkaProducer", "PRODUCER"),
    ],
)
def test_everything_that_is_made_gets_all_of_its_settings(made_by, settings):
    assert [spread_into(call) for call in calls_of(made_by)] != []
    assert all(spread_into(call) == {settings} for call in calls_of(made_by))


def test_the_patient_differ_from_others_only_in_what_all_set():
    assert PATIENT.keys() < SUBSCRIBER.keys()
    assert PATIENT["fetch_max_wait_ms"] <= SUBSCRIBER["fetch_max_wait_ms"]


def test_broker_object_only_receives():
    used = {
        node.attr
        for node in ast.walk(TREE)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "self._broker"
    }

    assert used <= {"start", "stop", "subscriber", "subscribers"}


def test_only_one_file_knows_the_kafka_libraries():
    knowing = {
        file
        for folder in ("shared", "services")
        for file in (ROOT / folder).rglob("*.py")
        if any(name.partition(".")[0] in LIBRARIES for name in imports_of(file))
    }

    assert knowing == {THE_FILE}
