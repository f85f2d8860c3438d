export const logNames = `
CREATE TABLE log_names (
  log_id TEXT PRIMARY KEY, name TEXT, is_complete INTEGER, clock INTEGER NOT NULL DEFAULT -1
) STRICT, WITHOUT ROWID;
`;
