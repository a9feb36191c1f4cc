-- The newest disputes of a county or a township, however many it has: a range of codes
-- would have to be sorted.
CREATE INDEX ON ledger (left(place, 6), since DESC, dispute DESC);
CREATE INDEX ON ledger (left(place, 9), since DESC, dispute DESC);
