import { expect } from 'vitest';
import { newGroup, peopleAt, say } from './chats.ts';
import { newId, userId } from './names.ts';
import { topologyOf } from './topology.ts';
import { connect, type WsClient } from './ws-client.ts';
import type { Loose } from './loose.ts';

/** Who is there when something bad is sent. */
export interface Scene {
  /** Sends the bad things. */
  attacker: WsClient;
  /** Must not notice anything. */
  bystander: WsClient;
  /** A group of both; seq 1 is the bystander's, seq 2 the attacker's message. */
  own: string;
  /** A group the attacker is not in. */
  foreign: string;
  /** What both chats and the attacker's list must still be afterwards. */
  before: string;
}

/** A fresh scene for one row. */
export async function newScene(): Promise<Scene> {
  const [attacker, bystander] = await peopleAt('default', 'attacker', 'bystander');
  const own = await newGroup(bystander, [attacker], { title: 'own', settings: { invite: 'all' } });
  const foreign = await newGroup(bystander, [], { title: 'foreign' });
  await say(bystander, own, 'by the bystander');
  await say(attacker, own, 'by the attacker');
  await say(bystander, foreign, 'private');
  const scene = { attacker, bystander, own, foreign, before: '' };
  return { ...scene, before: await stored(scene) };
}

/** The process lives, other connections live, nothing was stored, nothing private was told. */
export async function expectUnharmed(scene: Scene): Promise<void> {
  await scene.bystander.ok('ping');
  for (const base of topologyOf('default').healthUrls) expect((await fetch(`${base}/livez`)).status).toBe(200);
  expect(await stored(scene)).toBe(scene.before);
  expect(JSON.stringify(scene.attacker.frames)).not.toContain('private');
  const again = await connect(userId('newcomer'));
  await again.leave();
}

/** Everything the attacker could have changed, as the bystander sees it. */
async function stored(scene: Pick<Scene, 'bystander' | 'own' | 'foreign'>): Promise<string> {
  const { bystander, own, foreign } = scene;
  const [a, b, list] = await Promise.all([
    bystander.ok('history', { chat: own }),
    bystander.ok('history', { chat: foreign }),
    bystander.ok('chats.list'),
  ]);
  const chats = list['chats'].map(({ chat, title, head, memberCount }: Loose) => [chat, title, head, memberCount]);
  return JSON.stringify([a['messages'], a['head'], b['messages'], b['head'], chats]);
}

/** Fields of a good `message.send`, to be spoilt one by one. */
export function goodSend(scene: Scene): Record<string, unknown> {
  return { chat: scene.own, clientId: newId(), kind: 'text', text: 'good' };
}
