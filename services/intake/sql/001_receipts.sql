-- One row per registered dispute: the receipt its sender got, for looking it up by code
-- and by the sender's own number. 登记回执，按一案一码或来件编号查询。
CREATE TABLE intake.receipts (
    dispute uuid PRIMARY KEY,
    code text NOT NULL UNIQUE,
    sender text NOT NULL,
    reference text NOT NULL,
    registered_at timestamptz NOT NULL,
    holder text NOT NULL,
    clock text NOT NULL,
    due timestamptz NOT NULL,
    provisional boolean NOT NULL,
    legal_basis text NOT NULL,
    UNIQUE (sender, reference)
);
