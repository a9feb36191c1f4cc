-- What is known of copies that were put back in place of newer data.

-- Each time. `begun_at` is empty until the topics have been looked at as well, and
-- `caught_up_at` until what was said on them meanwhile has been taken again.
CREATE TABLE fengqiao.restored (
    number bigserial PRIMARY KEY,
    restored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    as_of timestamptz,
    how text NOT NULL,
    begun_at timestamptz,
    caught_up_at timestamptz
);

-- The names that stores had before, and how far each had come under it. `restored` is 0
-- for those that are only known from the topics.
CREATE TABLE fengqiao.retired (
    speaker text NOT NULL,
    store uuid NOT NULL,
    position bigint NOT NULL,
    restored bigint NOT NULL,
    PRIMARY KEY (speaker, store)
);

-- What each group reads again of topics that outside bodies write to. `until` is empty
-- until the broker has been asked; `gone` messages were no longer there.
CREATE TABLE fengqiao.reread (
    reader text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next bigint NOT NULL,
    until bigint,
    gone bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (reader, topic, partition)
);

-- Events that the topics know and this data does not: they were recorded after the copy.
CREATE TABLE fengqiao.lost (
    speaker text NOT NULL,
    store uuid NOT NULL,
    dispute uuid NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    cause text NOT NULL,
    body text NOT NULL,
    code text,
    reference text,
    occurred_at timestamptz NOT NULL,
    restored bigint NOT NULL,
    PRIMARY KEY (speaker, store, dispute, version)
);
