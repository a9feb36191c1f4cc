-- A draft that runs beside the rules in force: how far it has followed, what it counted.
CREATE TABLE shadow (
    draft text PRIMARY KEY,
    version text NOT NULL,
    directory text NOT NULL,
    position bigint NOT NULL,
    decisions bigint NOT NULL DEFAULT 0,
    differences bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE UNIQUE INDEX one_shadow ON shadow ((true)) WHERE ended_at IS NULL;

-- Decisions that the draft would have made otherwise, by the rows that fired.
CREATE TABLE shadow_difference (
    draft text NOT NULL REFERENCES shadow,
    in_force text NOT NULL,
    rule_table text NOT NULL,
    row_before text NOT NULL,
    row_after text NOT NULL,
    decisions bigint NOT NULL,
    PRIMARY KEY (draft, in_force, rule_table, row_before, row_after)
);
