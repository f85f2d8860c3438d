/** Close codes after which a client does not come back by itself. */
const TERMINAL = new Map([
  [1003, 'protocol'],
  [1007, 'protocol'],
  [1009, 'protocol'],
  [4500, 'protocol'],
  [4501, 'auth'],
  [4502, 'version'],
  [4503, 'replaced'],
  [4504, 'banned'],
  [4505, 'protocol'],
]);

/** Why a close code ends the connection for good; undefined when a client may come back by itself. @param {number} code */
export function terminalReason(code) {
  return TERMINAL.get(code);
}
