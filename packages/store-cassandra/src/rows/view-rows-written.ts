import { encodeEvent } from '@garam/contracts/event-codec';
import type { ChangeRow, HeadRow, ViewWrites } from '@garam/store/view-writes';
import type { Access } from '../client/access.ts';
import { putInto, type Put } from '../client/put.ts';
import { bucketOf, noticeBucketOf } from './buckets.ts';
import { toJson } from './cell-values.ts';
import { markPuts, membershipPuts } from './membership-rows-written.ts';
import { messageRowsWritten } from './message-rows-written.ts';

const EVENT = { key: ['chat', 'bucket', 'rev'], cells: ['event'] };
const PUT_CHANGE = putInto('changes', EVENT);
const PUT_NOTICE = putInto('notices', EVENT);
const PUT_HEAD = putInto('chat_heads', {
  key: ['chat'],
  cells: ['seq', 'rev', 'clock', 'at', 'kind', 'title', 'avatar', 'settings', 'member_count'],
});

/** The persister's rows. */
export function viewRowsWritten(access: Access): ViewWrites {
  return {
    ...messageRowsWritten(access),
    putMemberships: (rows) => access.write(rows.flatMap(membershipPuts)),
    putChanges: (rows) => access.write(rows.flatMap(changePuts)),
    putHeads: (rows) => access.write(rows.map(head)),
    raiseMarks: (rows) => access.write(rows.flatMap(markPuts)),
  };
}

/** seq, rev and clock of a chat rise together, so the newest by clock is the highest of each. */
function head({ chat, seq, rev, clock, at, kind, title, avatar, settings, memberCount }: HeadRow): Put {
  return {
    cql: PUT_HEAD,
    params: [chat, seq, rev, clock, at, kind, title, avatar, toJson(settings), memberCount, clock],
    partition: `chat_heads ${chat}`,
  };
}

function changePuts({ event, notice }: ChangeRow): Put[] {
  const { chat, rev, clock } = event;
  const encoded = encodeEvent(event);
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const [bucket, noticeBucket] = [bucketOf(rev), noticeBucketOf(rev)];
  const change: Put = {
    cql: PUT_CHANGE,
    params: [chat, bucket, rev, bytes, clock],
    partition: `changes ${chat} ${bucket}`,
  };
  if (!notice) return [change];
  return [
    change,
    { cql: PUT_NOTICE, params: [chat, noticeBucket, rev, bytes, clock], partition: `notices ${chat} ${noticeBucket}` },
  ];
}
