import { expect, test } from 'vitest';
import { checkEvidence } from './check-evidence.ts';
import type { MemberEvidence, SeenMessage, SendRecord } from './evidence.ts';

/** Three acknowledged sends (two by alice, one by bob), one refused, seen alike by both; rev 1 created the chat. */
function cleanRun(): { sends: SendRecord[]; members: MemberEvidence[] } {
  const sends = [
    send('alice', 'a0', 0, 1),
    send('alice', 'a1', 1, 2),
    send('bob', 'b0', 0, 3),
    refused('bob', 'b1', 1),
  ];
  const members = ['alice', 'bob'].map((user): MemberEvidence => {
    const history = sends.filter(({ seq }) => seq !== null).map(seen);
    const events = [{ rev: 1, type: 'chat.created', message: null }, ...history.map(created)];
    const live = structuredClone(history);
    const [head, liveFrom] = [
      { seq: 3, rev: 4 },
      { seq: 0, rev: 1 },
    ];
    return { chat: 'c', user, history, head, events, live, liveFrom, liveTo: { ...head } };
  });
  return { sends, members };
}

function send(by: string, clientId: string, order: number, seq: number): SendRecord {
  const times = { firstWrittenAt: seq * 10, ackedAt: seq * 10 + 5 };
  return {
    chat: 'c',
    by,
    clientId,
    text: `text ${clientId}`,
    order,
    outcome: 'acked',
    seq,
    rev: seq + 1,
    attempts: 1,
    trail: [],
    ...times,
  };
}

function refused(by: string, clientId: string, order: number): SendRecord {
  return { ...send(by, clientId, order, 9), outcome: 'refused', seq: null, rev: null, ackedAt: null };
}

function seen({ seq, rev, by, clientId, text }: SendRecord): SeenMessage {
  return { seq: seq!, rev: rev!, by, clientId, text };
}

function created(message: SeenMessage): MemberEvidence['events'][number] {
  return { rev: message.rev, type: 'message.created', message: structuredClone(message) };
}

function rulesAfter(
  damage: (run: { sends: SendRecord[]; alice: MemberEvidence; bob: MemberEvidence }) => void,
): string[] {
  const { sends, members } = cleanRun();
  damage({ sends, alice: members[0]!, bob: members[1]! });
  return [...new Set(checkEvidence(sends, members).map(({ rule }) => rule))];
}

test('a clean run has no violations', () => {
  expect(rulesAfter(() => {})).toEqual([]);
});

test('an acknowledged message missing for one member is lost', () => {
  expect(rulesAfter(({ bob }) => bob.history.pop())).toContain('lost');
});

test('an acknowledged message missing for everyone, without a hole, is lost', () => {
  const rules = rulesAfter(({ alice, bob }) => {
    for (const member of [alice, bob]) {
      for (const list of [member.history, member.events, member.live]) list.pop();
      member.head = member.liveTo = { seq: 2, rev: 3 };
    }
  });
  expect(rules).toEqual(['lost']);
});

test('the same clientId at two seqs is doubled', () => {
  const rules = rulesAfter(({ alice, bob }) => {
    for (const member of [alice, bob]) member.history.push({ ...member.history[1]!, seq: 4, rev: 5 });
  });
  expect(rules).toContain('doubled');
});

test('two members with different orders are told apart', () => {
  const rules = rulesAfter(({ bob }) => {
    const [first, second] = bob.history;
    bob.history[0] = { ...second!, seq: 1, rev: 2 };
    bob.history[1] = { ...first!, seq: 2, rev: 3 };
  });
  expect(rules).toContain('members see different orders');
  expect(rules).toContain('not in sending order');
});

test('a sender whose messages swapped places for everyone is not in sending order', () => {
  const rules = rulesAfter(({ sends }) => {
    [sends[0]!.order, sends[1]!.order] = [1, 0];
  });
  expect(rules).toEqual(['not in sending order']);
});

test('a hole in seq is found although nothing acknowledged is missing', () => {
  const rules = rulesAfter(({ sends, alice, bob }) => {
    sends[2]!.seq = 4;
    for (const { history, events, live, head } of [alice, bob]) {
      for (const message of [history[2]!, events[3]!.message!, live[2]!, head]) message.seq = 4;
    }
  });
  expect(rules).toEqual(['seq not dense']);
});

test('a hole in rev is found although nothing acknowledged is missing', () => {
  expect(rulesAfter(({ alice }) => alice.events.shift())).toEqual(['rev not dense']);
});

test('a head beyond the last message is a missing seq', () => {
  expect(rulesAfter(({ alice }) => (alice.head = { seq: 4, rev: 4 }))).toEqual(['seq not dense']);
});

test('a refused message that someone sees is found', () => {
  expect(rulesAfter(({ sends }) => (sends[2]!.outcome = 'refused'))).toEqual(['refused but visible']);
});

test('a message nobody sent is found', () => {
  expect(rulesAfter(({ sends }) => sends.splice(2, 1))).toEqual(['never sent']);
});

test('another text than was sent is found', () => {
  expect(rulesAfter(({ sends }) => (sends[0]!.text = 'something else'))).toEqual(['changed text']);
});

test('an acknowledgement that named another seq or rev is a mismatch', () => {
  expect(rulesAfter(({ sends }) => (sends[2]!.seq = 7))).toContain('ack mismatch');
  expect(rulesAfter(({ sends }) => (sends[2]!.rev = 7))).toContain('ack mismatch');
});

test('a send acknowledged before another began may not stand after it', () => {
  expect(rulesAfter(({ sends }) => (sends[2]!.ackedAt = 8))).toEqual(['not in real-time order']);
});

test('a send that never got an outcome is unsettled', () => {
  expect(rulesAfter(({ sends }) => (sends[3]!.outcome = 'pending'))).toEqual(['unsettled']);
});

test('a live view that missed, swapped or invented an event differs from history', () => {
  const rule = 'live view differs from history';
  expect(rulesAfter(({ bob }) => bob.live.splice(1, 1))).toEqual([rule]);
  expect(rulesAfter(({ bob }) => (bob.live = bob.live.toReversed()))).toEqual([rule]);
  expect(rulesAfter(({ bob }) => (bob.live[0]!.text = 'other'))).toEqual([rule]);
  expect(rulesAfter(({ bob }) => (bob.liveTo.rev = 3))).toEqual([rule]);
});

test('sync that tells another story than history is found', () => {
  expect(rulesAfter(({ bob }) => (bob.events[2]!.message!.text = 'other'))).toEqual(['sync differs from history']);
});
