-- Packs of rules, directories, certificates and backtests, by the digest of what they
-- say. A row never changes and is never removed: decisions of any age name it.
CREATE TABLE pack_content (
    digest text PRIMARY KEY,
    kind text NOT NULL,
    content bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
