-- When rows that are declined were last looked at, how far decisions were counted then,
-- and what else the answer depended on. A process that looks has taken it until then.
CREATE TABLE row_look (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at timestamptz,
    position bigint NOT NULL DEFAULT 0,
    grounds text NOT NULL DEFAULT '',
    taken_until timestamptz
);
INSERT INTO row_look DEFAULT VALUES;

-- Rows that were above the threshold at that look, and what was done about each.
CREATE TABLE declined_row (
    rules text NOT NULL,
    rule_table text NOT NULL,
    rule_row text NOT NULL,
    used bigint NOT NULL,
    declined bigint NOT NULL,
    declined_percent int NOT NULL,
    threshold int NOT NULL,
    least_uses int NOT NULL,
    proposal bigint,
    stage text,
    refused text,
    PRIMARY KEY (rules, rule_table, rule_row)
);
