-- What is to be told. A row never changes; a sender holds its lock while it sends, so
-- that no other sender takes the same notice.
CREATE TABLE notifications.notices (
    notice uuid PRIMARY KEY,
    dispute uuid NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    lane text NOT NULL,
    queued_at timestamptz NOT NULL,
    number bigserial
);
CREATE INDEX ON notifications.notices (dispute);

-- How each stands. `next_try` is empty while the notice waits for what is not known yet.
CREATE TABLE notifications.deliveries (
    notice uuid PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'failed')),
    tries integer NOT NULL,
    channel text,
    reason text,
    next_try timestamptz,
    changed_at timestamptz NOT NULL
);
CREATE INDEX ON notifications.deliveries (state, next_try) WHERE state <> 'sent';

-- Recipients that did not answer lately: nothing is tried there before `until`.
CREATE TABLE notifications.pauses (
    lane text PRIMARY KEY,
    until timestamptz NOT NULL
);
