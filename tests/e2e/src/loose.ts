/**
 * What came over the wire: unknown in type, to be looked into and asserted. The one place where the type checker is
 * told to look away, so that a test can read `page.messages[0].text` without modelling the protocol a second time.
 */
// oxlint-disable-next-line typescript/no-explicit-any
export type Loose = any;
