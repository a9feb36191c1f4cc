-- One row per dispute, as audit knows it now; also for referrals that wait for repair
-- and have no code yet. Written in the transaction of the events it is folded from.
-- Not unique by code: what two others claim, audit records and does not refuse.
CREATE TABLE ledger (
    dispute uuid PRIMARY KEY,
    code text,
    kind text,
    place text COLLATE "C",
    source text,
    sender text,
    holder text,
    stage text NOT NULL,
    open boolean NOT NULL,
    tier text,
    offered_to text,
    next_clock text,
    next_due timestamptz,
    provisional boolean,
    registered_at timestamptz,
    updated_at timestamptz NOT NULL,
    persons integer,
    parked integer NOT NULL,
    since timestamptz NOT NULL
) WITH (fillfactor = 70);

CREATE INDEX ON ledger (code);
CREATE INDEX ON ledger (since DESC, dispute DESC);
CREATE INDEX ON ledger (holder, since DESC, dispute DESC);
CREATE INDEX ON ledger (stage, since DESC, dispute DESC) WHERE open;
CREATE INDEX ON ledger (place, since DESC);
