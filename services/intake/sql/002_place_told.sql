-- The code of the place that a dispute is registered under and, where that is another
-- one, the code that its sender told. 登记所用的区划代码，以及来件所写而已停用的代码。
ALTER TABLE intake.receipts ADD COLUMN place_told text;
ALTER TABLE intake.receipts ADD COLUMN place text;
