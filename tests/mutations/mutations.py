"""The product broken on purpose: one small change each, and what has to notice it.

The old text must stand in the file exactly once. When the code there is written anew,
so is the mutation: what it breaks must be caught for as long as there is such code.
"""

from __future__ import annotations

from typing import NamedTuple

SIMULATION = "tests.simulation"
SETTINGS = "tests/house/test_kafka_settings.py"
MEMORY = "tests/simulation/test_memory.py"


class Mutation(NamedTuple):
    """`noticed_by` is the simulation, or a test on real PostgreSQL or Kafka."""

    name: str
    file: str
    old: str
    new: str
    noticed_by: str = SIMULATION


MUTATIONS = (
    # Acknowledging
    Mutation(
        "acknowledge before the batch is handled",
        "shared/events/kafka.py",
        "            try:\n                await self._in_thread(handled",
        "            processed.note(message.consumer, records)\n"
        "            try:\n                await self._in_thread(handled",
    ),
    Mutation(
        "acknowledge what could not be stored",
        "shared/events/kafka.py",
        "            except DatabaseAwayError:\n"
        '                log.warning("database_away", client=self._client)\n',
        "            except DatabaseAwayError:\n                return\n",
    ),
    Mutation(
        "acknowledge as soon as a batch has been fetched",
        "shared/events/kafka.py",
        '"ack_policy": AckPolicy.MANUAL,',
        '"ack_policy": AckPolicy.ACK_FIRST,',
        f"{SETTINGS}::test_message_is_committed_by_us_and_a_new_group_starts_at_the_beginning",
    ),
    # Positions
    Mutation(
        "forget the inbox: hear again whatever comes again",
        "shared/events/inbox.py",
        "if told.position > heard_to",
        "if told.position",
    ),
    Mutation(
        "keep positions in memory only",
        "shared/events/store.py",
        "self.histories.append(stored, heard, rows)",
        "self.histories.append(stored, {}, rows)",
    ),
    Mutation(
        "mix up the positions of two partitions",
        "shared/events/kafka.py",
        "positions_of(each.speaker, each.store, record.partition)",
        "positions_of(each.speaker, each.store, 0)",
    ),
    Mutation(
        "trust the position in memory after a conflict",
        "shared/events/inbox.py",
        "            self._positions.clear()\n",
        "",
    ),
    Mutation(
        "store no position",
        "shared/events/histories.py",
        "self._track(cursor, heard)",
        "self._track(cursor, {})",
        MEMORY,
    ),
    # Transactions
    Mutation(
        "commit in two transactions: the events, then the positions",
        "shared/events/store.py",
        "done = self.histories.append(stored, heard, rows)",
        "done = self.histories.append(stored, {}, rows)"
        " and self.histories.append([], heard, [])",
    ),
    Mutation(
        "commit in two transactions: the positions, then the events",
        "shared/events/store.py",
        "done = self.histories.append(stored, heard, rows)",
        "done = self.histories.append([], heard, [])"
        " and self.histories.append(stored, {}, rows)",
    ),
    Mutation(
        "take a conflict for success",
        "shared/events/histories.py",
        "        except IntegrityError:\n            return False",
        "        except IntegrityError:\n            return True",
        MEMORY,
    ),
    # Histories
    Mutation(
        "ignore the ids of commands and causes",
        "shared/events/store.py",
        "if intent.cause in before.causes:",
        "if not before:",
    ),
    Mutation(
        "trust what is remembered without asking for what is newer",
        "shared/events/store.py",
        "return self._cache.catch_up(known, self.histories.newer(versions))",
        "unknown = {d: v for d, v in versions.items() if not v}\n"
        "        return self._cache.catch_up(known, self.histories.newer(unknown))",
    ),
    Mutation(
        "remember what was not stored",
        "shared/events/store.py",
        "        if done:\n            self._cache.keep(work.after)",
        "        self._cache.keep(work.after)",
    ),
    Mutation(
        "decide on the state from before the batch",
        "shared/events/store.py",
        "work.after.get(intent.dispute) or known[intent.dispute]",
        "known[intent.dispute]",
    ),
    Mutation(
        "name a group of events by its first one only",
        "services/audit/service.py",
        '",".join(newest[speaker] for speaker in sorted(newest))',
        "told[0].place",
    ),
    # Parking
    Mutation(
        "drop what cannot be processed",
        "shared/events/inbox.py",
        "        self.asides.append(self._inbox.aside(first, _reason(error)))\n",
        "",
    ),
    Mutation(
        "let later messages overtake one that is parked",
        "shared/events/inbox.py",
        "if told[0].dispute in self._held:",
        "if told[0].dispute is None:",
    ),
    Mutation(
        "park without moving on",
        "shared/events/inbox.py",
        "self.service.record(work, heard, self._rows(hearing.asides, now))",
        "self.service.record(work, {} if hearing.asides else heard,"
        " self._rows(hearing.asides, now))",
    ),
    # Relay
    Mutation(
        "remember as published what is only about to be",
        "shared/events/kafka.py",
        "positions = await self._publish(page)",
        "await asyncio.to_thread(self._remember, {WHOLE_STORE: page[-1].position})\n"
        "        positions = await self._publish(page)",
    ),
    Mutation(
        "go on publishing after a failure",
        "shared/events/kafka.py",
        "for p, t in by_partition.items())\n            )",
        "for p, t in by_partition.items()),\n"
        "                return_exceptions=True,\n            )",
    ),
    # Clocks
    Mutation(
        "fire a clock once in its life, whichever end it has",
        "services/escalation/clock.py",
        'f"clock/{due.clock}/{_stamp(due.started_at)}/{_stamp(due.next_at)}"',
        'f"clock/{due.clock}"',
    ),
)
