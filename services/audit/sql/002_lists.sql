-- What waits for a body's answer, and how much each body holds.
CREATE INDEX ON ledger (offered_to, since DESC, dispute DESC)
    WHERE offered_to IS NOT NULL;
CREATE INDEX ON ledger (holder, next_due) WHERE open AND code IS NOT NULL;
