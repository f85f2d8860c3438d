import { expect, it } from 'vitest';
import { toCommandRecord, toEventRecord, toReceiptRecord, toReplyRecord } from './log-records.ts';

const cause = { origin: 'gw-1', command: 77 };

it('records carry id, type, schema and trace in their headers and the chat as key', () => {
  const event = toEventRecord(
    { chat: 'c', rev: 3, seq: 2, clock: 1, by: 'a', body: { type: 'message.deleted', seq: 1 } },
    5,
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  );
  expect(event).toMatchObject({ partition: 5, key: 'c' });
  expect(event.headers).toEqual({
    ce_id: 'c:3',
    ce_type: 'message.deleted',
    'garam-schema': 'chat-event/1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
});

it('a command and the reply to it have the same id', () => {
  const fields = { chat: 'c', actor: 'a', clientId: 'k', attempt: 1, sentAt: 0, digest: 'd', cause };
  const command = toCommandRecord({ ...fields, body: { type: 'chat.leave' } }, 0);
  const reply = toReplyRecord(
    { chat: 'c', cause, outcome: 'refused', error: 'forbidden', seq: 0, rev: 1, clock: 1 },
    0,
  );
  expect(command.headers).toEqual({ ce_id: 'gw-1:77', ce_type: 'chat.leave', 'garam-schema': 'chat-command/1' });
  expect(reply.headers).toEqual({ ce_id: 'gw-1:77', ce_type: 'reply.refused', 'garam-schema': 'chat-reply/1' });
});

it('receipts carry the id the edge gave them', () => {
  const record = toReceiptRecord({ chat: 'c', marks: [] }, 1, 'gw-1:9');
  expect(record.headers).toEqual({ ce_id: 'gw-1:9', ce_type: 'receipts', 'garam-schema': 'chat-receipts/1' });
});
