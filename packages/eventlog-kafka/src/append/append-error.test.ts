import { expect, test } from 'vitest';
import { KafkaError, refusal } from '../wire/kafka-error.ts';
import { appendError } from './append-error.ts';

test.each([
  ['nothing was written', new KafkaError('not_sent', ''), 'unavailable'],
  ['no answer came', new KafkaError('unanswered', ''), 'unknown'],
  ['the batch was too large', refusal('MESSAGE_TOO_LARGE', ''), 'unavailable'],
  ['too few replicas, nothing appended', refusal('NOT_ENOUGH_REPLICAS', ''), 'unavailable'],
  ['too few replicas after appending', refusal('NOT_ENOUGH_REPLICAS_AFTER_APPEND', ''), 'unknown'],
  ['the leader lost its office, perhaps after appending', refusal('NOT_LEADER_FOR_PARTITION', ''), 'unknown'],
  ['replicas did not answer in time', refusal('REQUEST_TIMED_OUT', ''), 'unknown'],
  ['a bug', new TypeError('x is not a function'), 'unknown'],
])('%s: the caller learns whether the records may have been written', (_, error, reason) => {
  expect(appendError(error).reason).toBe(reason);
});
