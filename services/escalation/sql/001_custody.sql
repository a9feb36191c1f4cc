-- Who holds which dispute, for looking up by code and by holder.
CREATE TABLE escalation.custody (
    dispute uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    holder text NOT NULL,
    stage text NOT NULL,
    offered_to text,
    version bigint NOT NULL
);
CREATE INDEX ON escalation.custody (holder) WHERE stage <> 'closed';

-- Running clocks, for the clock process. A dispute's rows are replaced as a whole.
CREATE TABLE escalation.clocks (
    dispute uuid NOT NULL,
    clock text NOT NULL,
    started_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (dispute, clock)
);
CREATE INDEX ON escalation.clocks (next_at);
