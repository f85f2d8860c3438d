import type { MessageDeletion, MessageEdit, MessageRow, ReactionRow, ViewWrites } from '@garam/store/view-writes';
import type { Access } from '../client/access.ts';
import { putInto, type Put } from '../client/put.ts';
import { bucketOf } from './buckets.ts';
import { toJson } from './cell-values.ts';

/** Added to the clock of a deletion (100 years of µs): no later edit brings content back. */
const FOR_EVER_US = 3_155_760_000_000_000;

const KEY = ['chat', 'bucket', 'seq'];
const CONTENT = ['text', 'data', 'mentions', 'attachments'];
const PUT_MESSAGE = putInto('messages', {
  key: KEY,
  cells: ['rev', 'clock', 'author', 'client_id', 'kind', 'reply_to', ...CONTENT],
});
const EDIT_MESSAGE = putInto('messages', { key: KEY, cells: ['edited_at', 'text', 'data', 'mentions'] });
const DELETE_MESSAGE = putInto('messages', { key: KEY, cells: ['deleted_at', ...CONTENT] });
const PUT_REACTION = putInto('reactions', { key: [...KEY, 'emoji', 'user'], cells: ['is_on'] });

const millis = (clock: number) => Math.floor(clock / 1000);

type MessageWrites = Pick<ViewWrites, 'putMessages' | 'editMessages' | 'deleteMessages' | 'putReactions'>;

/** Messages and what happens to them. An edit or deletion may come before the message: the row waits for it. */
export function messageRowsWritten(access: Access): MessageWrites {
  return {
    putMessages: (rows) => access.write(rows.map(message)),
    editMessages: (rows) => access.write(rows.map(edit)),
    deleteMessages: (rows) => access.write(rows.map(deletion)),
    putReactions: (rows) => access.write(rows.map(reaction)),
  };
}

function message(row: MessageRow): Put {
  const { chat, seq, rev, clock, by, clientId, kind, replyTo, text, data } = row;
  const bucket = bucketOf(seq);
  const content = [text, data, toJson(row.mentions), toJson(row.attachments)];
  return {
    cql: PUT_MESSAGE,
    params: [chat, bucket, seq, rev, clock, by, clientId, kind, replyTo, ...content, clock],
    partition: `messages ${chat} ${bucket}`,
  };
}

function edit({ chat, seq, clock, text, data, mentions }: MessageEdit): Put {
  const bucket = bucketOf(seq);
  return {
    cql: EDIT_MESSAGE,
    params: [chat, bucket, seq, millis(clock), text, data, toJson(mentions), clock],
    partition: `messages ${chat} ${bucket}`,
  };
}

/** Content is overwritten with nothing: it leaves the disk with the next compactions. */
function deletion({ chat, seq, clock }: MessageDeletion): Put {
  const bucket = bucketOf(seq);
  return {
    cql: DELETE_MESSAGE,
    params: [chat, bucket, seq, millis(clock), '', '', '', '', clock + FOR_EVER_US],
    partition: `messages ${chat} ${bucket}`,
  };
}

function reaction({ chat, seq, emoji, user, on, clock }: ReactionRow): Put {
  const bucket = bucketOf(seq);
  return {
    cql: PUT_REACTION,
    params: [chat, bucket, seq, emoji, user, on, clock],
    partition: `reactions ${chat} ${bucket}`,
  };
}
