-- A clock that stands still is not due at any time, and says since when it does.
ALTER TABLE escalation.clocks ADD COLUMN paused_at timestamptz;
ALTER TABLE escalation.clocks ALTER COLUMN next_at DROP NOT NULL;
ALTER TABLE escalation.clocks
    ADD CHECK ((next_at IS NULL) = (paused_at IS NOT NULL));
