import type { RouteKey } from '@garam/bus/bus';
import { expect, test } from 'vitest';
import type { FixtureOf } from './bus-contract.ts';
import { newName } from './bus-values.ts';

const LONG_MS = 600_000;
const SHORT_MS = 100;

export function routesContract(fixture: FixtureOf): void {
  const chatKey = (): RouteKey => `chat:${newName('chat')}`;

  test('a route is missing when first written, not when renewed, and again after its removal', async () => {
    const { routes } = fixture().bus;
    const [a, b] = [chatKey(), chatKey()];
    expect(await routes.add([a], 'gateway-1', LONG_MS)).toEqual([a]);
    expect(await routes.add([a, b], 'gateway-1', LONG_MS)).toEqual([b]);
    expect(await routes.add([a, b], 'gateway-1', LONG_MS)).toEqual([]);
    await routes.remove([a], 'gateway-1');
    expect(await routes.add([a, b], 'gateway-1', LONG_MS)).toEqual([a]);
  });

  test('get names the instances of each key, in the order of the keys', async () => {
    const { routes } = fixture().bus;
    const name = newName('same');
    const [chat, user, watch, nobody]: RouteKey[] = [`chat:${name}`, `user:${name}`, `watch:${name}`, chatKey()];
    await routes.add([chat!, user!], 'gateway-1', LONG_MS);
    await routes.add([chat!, watch!], 'gateway-2', LONG_MS);
    const found = await routes.get([watch!, nobody!, chat!, user!, chat!]);
    expect(found.map((instances) => instances.toSorted())).toEqual([
      ['gateway-2'],
      [],
      ['gateway-1', 'gateway-2'],
      ['gateway-1'],
      ['gateway-1', 'gateway-2'],
    ]);
  });

  test('remove takes away the routes of that instance only, and what is not there is no error', async () => {
    const { routes } = fixture().bus;
    const key = chatKey();
    await routes.add([key], 'gateway-1', LONG_MS);
    await routes.add([key], 'gateway-2', LONG_MS);
    await routes.remove([key, chatKey()], 'gateway-1');
    await routes.remove([key], 'gateway-1');
    expect(await routes.get([key])).toEqual([['gateway-2']]);
  });

  test('a route ends with its lease unless it was renewed, and is then missing at the next renewal', async () => {
    const { routes } = fixture().bus;
    const [kept, expired] = [chatKey(), chatKey()];
    await routes.add([kept, expired], 'gateway-1', SHORT_MS);
    await routes.add([expired], 'gateway-2', LONG_MS);
    await routes.add([kept], 'gateway-1', LONG_MS);
    await fixture().elapse(SHORT_MS * 2);
    expect(await routes.get([kept, expired])).toEqual([['gateway-1'], ['gateway-2']]);
    expect(await routes.add([kept, expired], 'gateway-1', LONG_MS)).toEqual([expired]);
  });

  test('a user comes online with the first session and goes offline with the last', async () => {
    const { presence } = fixture().bus;
    const [user, other] = [newName('user'), newName('user')];
    expect(await presence.online(user, 'session-1', LONG_MS)).toBe(true);
    expect(await presence.online(user, 'session-1', LONG_MS)).toBe(false);
    expect(await presence.online(user, 'session-2', LONG_MS)).toBe(false);
    expect(await presence.get([other, user])).toEqual([false, true]);
    expect(await presence.offline(user, 'session-1')).toBe(false);
    expect(await presence.get([user])).toEqual([true]);
    expect(await presence.offline(user, 'session-2')).toBe(true);
    expect(await presence.offline(user, 'session-2')).toBe(false);
    expect(await presence.get([user])).toEqual([false]);
    expect(await presence.online(user, 'session-3', LONG_MS)).toBe(true);
  });

  test('a session not renewed in time counts as gone', async () => {
    const { presence } = fixture().bus;
    const [gone, half] = [newName('user'), newName('user')];
    await presence.online(gone, 'session-1', SHORT_MS);
    await presence.online(half, 'session-1', SHORT_MS);
    await presence.online(half, 'session-2', SHORT_MS);
    await presence.online(half, 'session-2', LONG_MS);
    await fixture().elapse(SHORT_MS * 2);
    expect(await presence.get([gone, half])).toEqual([false, true]);
    expect(await presence.online(gone, 'session-1', LONG_MS)).toBe(true);
    expect(await presence.offline(half, 'session-2')).toBe(true);
  });
}
