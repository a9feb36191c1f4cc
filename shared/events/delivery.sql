-- What every service's schema has beside its events.
CREATE TABLE store (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO store DEFAULT VALUES;

-- Messages put aside: bytes and headers as they came, sealed where they may hold
-- personal data, until a named person releases them.
CREATE TABLE parked (
    message uuid PRIMARY KEY,
    dispute uuid,
    stream uuid NOT NULL,
    came_from text NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    reason text NOT NULL,
    behind boolean NOT NULL,
    number bigserial,
    parked_at timestamptz NOT NULL,
    released_at timestamptz,
    released_by text,
    why text
);
CREATE INDEX ON parked (dispute) WHERE released_at IS NULL;

-- How far the relay has published: per topic partition, and -1 for the whole store.
CREATE TABLE relayed (
    partition integer PRIMARY KEY,
    position bigint NOT NULL
);
