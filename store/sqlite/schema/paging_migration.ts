/**
 * The migration that gives every list an index in its own order.
 * @module
 */

/**
 * Calls have an index for each filter, with the time. Contracts have a number, which unlike a rowid
 * lasts for ever, and a total for each party and status. An audience is who hears of an event: the
 * parties of its contract, unless everyone does.
 */
export const PAGING = `
  CREATE INDEX calls_by_state ON calls (state, started_at, id);
  CREATE INDEX calls_by_line ON calls (line, started_at, id);
  CREATE INDEX calls_by_from ON calls (from_number, started_at, id);
  CREATE INDEX calls_by_to ON calls (to_number, started_at, id);
  CREATE INDEX calls_by_from_e164 ON calls (from_e164, started_at, id)
    WHERE from_e164 IS NOT NULL;
  CREATE INDEX calls_by_to_e164 ON calls (to_e164, started_at, id) WHERE to_e164 IS NOT NULL;

  CREATE INDEX events_cdr ON events (call_id, call_seq) WHERE type = 'cdr';
  CREATE TABLE audience (
    phone_number TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    PRIMARY KEY (phone_number, event_id)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO audience SELECT phone_number, events.id FROM events JOIN parties USING (contract_id)
    WHERE to_everyone = 0;

  ALTER TABLE contracts ADD COLUMN number INTEGER;
  UPDATE contracts SET number = ordered.number FROM (
    SELECT id, ROW_NUMBER() OVER (ORDER BY created_at, rowid) AS number FROM contracts
  ) AS ordered WHERE ordered.id = contracts.id;
  DROP INDEX contracts_by_time;
  CREATE UNIQUE INDEX contracts_by_number ON contracts (number);
  CREATE INDEX contracts_by_status ON contracts (status, number);
  ALTER TABLE parties ADD COLUMN number INTEGER;
  UPDATE parties SET number = (SELECT number FROM contracts WHERE contracts.id = contract_id);
  CREATE INDEX parties_by_number ON parties (phone_number, number);
  CREATE TABLE contract_totals (
    phone_number TEXT NOT NULL,
    status TEXT NOT NULL,
    contracts INTEGER NOT NULL,
    PRIMARY KEY (phone_number, status)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO contract_totals SELECT '', status, COUNT(*) FROM contracts GROUP BY status;
  INSERT INTO contract_totals SELECT phone_number, status, COUNT(*)
    FROM parties JOIN contracts ON contracts.id = contract_id GROUP BY phone_number, status;
`;
