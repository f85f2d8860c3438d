import type { Outcome } from '@garam/intake/submit-request';
import { wireError, type ErrorName } from '@garam/protocol/errors';
import { describe, expect, it } from 'vitest';
import { Lanes, type LaneCommand } from './lanes.ts';

/** A log side steered by the test: what was submitted, in order, with what it carries. */
function createScene() {
  let now = 1_000;
  const lanes = new Lanes(() => now);
  const submitted: { name: string; sentAt: number; stillWanted: () => boolean; done: (outcome: Outcome) => void }[] =
    [];
  const answers: string[] = [];
  const handing = new Map<string, () => void>();

  function command(name: string, { attempt = 1, isSend = true, checks = false } = {}): LaneCommand {
    return {
      clientId: name,
      attempt,
      isSend,
      readAt: now,
      submit(sentAt, stillWanted, done) {
        submitted.push({ name: attempt === 1 ? name : `${name}#${attempt}`, sentAt, stillWanted, done });
        return checks ? new Promise<void>((resolve) => handing.set(name, resolve)) : undefined;
      },
      answer({ ok, error }) {
        answers.push(`${name}${attempt === 1 ? '' : `#${attempt}`} ${ok === undefined ? error.name : 'ok'}`);
      },
    };
  }

  return {
    lanes,
    answers,
    names: () => submitted.map(({ name }) => name),
    sentAts: () => submitted.map(({ sentAt }) => sentAt),
    wanted: (name: string) => submitted.findLast((other) => other.name === name)!.stillWanted(),
    pass: (ms: number) => void (now += ms),
    take: (name: string, options?: Parameters<typeof command>[1]) => lanes.take('chat', command(name, options)),
    refuse: (name: string, attempt: number, error: ErrorName) =>
      lanes.refuse('chat', command(name, { attempt }), wireError(error)),
    accept: (name: string) => submitted.findLast((other) => other.name === name)!.done({ ok: accepted }),
    fail: (name: string, error: ErrorName) =>
      submitted.findLast((other) => other.name === name)!.done({ error: wireError(error) }),
    async handed(name: string) {
      handing.get(name)!();
      await Promise.resolve();
    },
  };
}

const accepted = { chat: 'chat', clientId: '', seq: 1, rev: 1, at: 0 };

describe('a lane', () => {
  it('hands over in the order read; what must be checked first holds back the rest', async () => {
    const scene = createScene();
    scene.take('m1', { checks: true });
    scene.take('m2');
    scene.take('m3');
    expect(scene.names()).toEqual(['m1']);
    await scene.handed('m1');
    expect(scene.names()).toEqual(['m1', 'm2', 'm3']);
  });

  it('lets other chats pass', () => {
    const scene = createScene();
    scene.take('m1', { checks: true });
    scene.lanes.take('other', { ...otherCommand, submit: () => (scene.answers.push('submitted'), undefined) });
    expect(scene.answers).toEqual(['submitted']);
  });

  it('later sends carry the time of the unanswered one before them, until the lane is empty', () => {
    const scene = createScene();
    scene.take('m1');
    scene.pass(500);
    scene.take('m2');
    scene.accept('m1');
    scene.pass(500);
    scene.take('m3');
    scene.accept('m2');
    scene.accept('m3');
    scene.take('m4');
    expect(scene.sentAts()).toEqual([1_000, 1_000, 1_000, 2_000]);
  });

  it('lets nobody in whose time would be too old, until it is empty', () => {
    const scene = createScene();
    scene.take('m1');
    scene.pass(21_000);
    scene.take('m2');
    expect(scene.names()).toEqual(['m1']);
    scene.accept('m1');
    expect(scene.names()).toEqual(['m1', 'm2']);
    expect(scene.sentAts()).toEqual([1_000, 22_000]);
  });
});

describe('a send that ends unknown or temporarily refused', () => {
  for (const error of ['unknown_outcome', 'unavailable', 'rate_limited'] as const) {
    it(`takes those behind it along (${error}), unwritten where they are not written yet`, () => {
      const scene = createScene();
      scene.take('m1');
      scene.take('m2');
      scene.take('m3', { checks: true });
      scene.take('m4');
      scene.fail('m2', error);
      expect(scene.answers).toEqual([`m2 ${error}`, `m3 ${error}`, `m4 ${error}`]);
      expect(scene.wanted('m3')).toBe(false);
      expect(scene.wanted('m1')).toBe(true);
      expect(scene.names()).not.toContain('m4');
    });
  }

  it('so do sends read later, until it comes again with a higher attempt', () => {
    const scene = createScene();
    scene.take('m1');
    scene.fail('m1', 'unknown_outcome');
    scene.take('m2');
    scene.take('m1');
    expect(scene.answers).toEqual(['m1 unknown_outcome', 'm2 unknown_outcome', 'm1 unknown_outcome']);
    scene.take('m1', { attempt: 2 });
    scene.take('m2', { attempt: 2 });
    scene.take('m3');
    expect(scene.names()).toEqual(['m1', 'm1#2', 'm2#2', 'm3']);
  });

  it('is answered once, whatever the log says later', () => {
    const scene = createScene();
    scene.take('m1');
    scene.take('m2');
    scene.fail('m1', 'unavailable');
    scene.accept('m2');
    expect(scene.answers).toEqual(['m1 unavailable', 'm2 unavailable']);
  });

  it('counts as settled when one comes again that ended after it', () => {
    const scene = createScene();
    scene.take('m1');
    scene.take('m2');
    scene.fail('m1', 'unavailable');
    scene.take('m2', { attempt: 2 });
    scene.take('m3');
    expect(scene.names()).toEqual(['m1', 'm2', 'm2#2', 'm3']);
  });

  it('does not count as settled by one that was sent before its second end was known', () => {
    const scene = createScene();
    scene.take('m1');
    scene.take('m2');
    scene.fail('m1', 'unavailable');
    scene.refuse('m1', 2, 'rate_limited');
    scene.take('m2', { attempt: 2 });
    expect(scene.names()).toEqual(['m1', 'm2']);
    scene.take('m1', { attempt: 3 });
    scene.take('m2', { attempt: 3 });
    expect(scene.names()).toEqual(['m1', 'm2', 'm1#3', 'm2#3']);
  });

  it('refused before it got to the log it holds back later ones as well', () => {
    const scene = createScene();
    scene.refuse('m1', 1, 'rate_limited');
    scene.take('m2');
    expect(scene.answers).toEqual(['m1 rate_limited', 'm2 rate_limited']);
    expect(scene.names()).toEqual([]);
  });

  it('does not touch other commands, nor do they touch sends', () => {
    const scene = createScene();
    scene.take('m1');
    scene.take('edit', { isSend: false });
    scene.fail('m1', 'unavailable');
    scene.take('edit2', { isSend: false });
    expect(scene.answers).toEqual(['m1 unavailable']);
    expect(scene.names()).toEqual(['m1', 'edit', 'edit2']);
    scene.take('m1', { attempt: 2 });
    scene.fail('edit2', 'unavailable');
    scene.take('m2');
    expect(scene.names()).toEqual(['m1', 'edit', 'edit2', 'm1#2', 'm2']);
  });
});

it('a permanent refusal ends one send only', () => {
  const scene = createScene();
  scene.take('m1');
  scene.take('m2');
  scene.fail('m1', 'forbidden');
  scene.accept('m2');
  scene.take('m3');
  expect(scene.answers).toEqual(['m1 forbidden', 'm2 ok']);
  expect(scene.names()).toEqual(['m1', 'm2', 'm3']);
});

it('when the connection is gone nothing queued is written and nothing answered', () => {
  const scene = createScene();
  scene.take('m1', { checks: true });
  scene.take('m2');
  scene.lanes.drop();
  scene.accept('m1');
  expect(scene.wanted('m1')).toBe(false);
  expect(scene.names()).toEqual(['m1']);
  expect(scene.answers).toEqual([]);
});

const otherCommand = { clientId: 'x', attempt: 1, isSend: true, readAt: 0, answer() {} };
