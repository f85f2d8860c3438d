import { emptyChat } from '@garam/domain/chat-state';
import type { SequencerStore } from '@garam/store/sequencer-store';
import { StoreError } from '@garam/store/store';
import { expect, test } from 'vitest';
import { createChatMemory } from './chat-memory.ts';
import type { Pending } from './chat-table.ts';
import { loadRows } from './load-rows.ts';
import { planReads } from './plan-reads.ts';
import { command, text } from './testing/commands.ts';

const CLOCK = 1_000_000;

function world(failing: ReadonlySet<string>) {
  const state = { ...emptyChat('c1'), clock: CLOCK };
  const memory = createChatMemory('c1', state, state);
  memory.members.remember(['alice'], []);
  const asked: string[] = [];
  const store = {
    async loadSent(_chat: string, _actor: string, clientId: string) {
      asked.push(clientId);
      if (failing.has(clientId)) throw new StoreError('away');
      return [];
    },
  } as unknown as SequencerStore;
  return { memory, asked, load: (queue: Pending[]) => loadRows(store, memory, queue, planReads) };
}

function retry(clientId: string, attempt: number, offset: number): Pending {
  const record = {
    topic: 't',
    partition: 0,
    offset,
    timestamp: CLOCK / 1_000,
    key: 'c1',
    value: new Uint8Array(),
    headers: {},
  };
  return { record, command: command({ clientId, attempt, body: text('again') }, CLOCK / 1_000) };
}

test('the attempts of one command that wait together are looked up once', async () => {
  const { asked, load } = world(new Set());
  await load([retry('m1', 2, 1), retry('m2', 2, 2), retry('m1', 3, 3), retry('m1', 4, 4)]);
  expect(asked).toEqual(['m1', 'm2']);
});

test('what one look-up found is kept when another fails, and only the rest is asked for again', async () => {
  const failing = new Set(['m2']);
  const { asked, load } = world(failing);
  const queue = [retry('m1', 2, 1), retry('m2', 2, 2), retry('m3', 2, 3)];
  await expect(load(queue)).rejects.toThrow(StoreError);
  failing.clear();
  await load(queue);
  expect(asked).toEqual(['m1', 'm2', 'm3', 'm2']);
});
