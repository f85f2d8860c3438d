import { createManualClock } from '@garam/testkit/manual-clock';
import { Client } from 'cassandra-driver';
import { expect, test } from 'vitest';
import { guardControlConnection, type ControlConnection } from './guard-control-connection.ts';

const RETRY_MS = 500;

function guarded() {
  const looks: { resolve(): void; reject(error: Error): void; nodesLeft: unknown }[] = [];
  const errors: unknown[] = [];
  const control: ControlConnection = {
    _refresh: (nodesLeft) =>
      new Promise<void>((resolve, reject) => {
        looks.push({ resolve, reject, nodesLeft });
      }),
  };
  const clock = createManualClock();
  guardControlConnection(control, { clock, retryMs: RETRY_MS, onError: (error) => errors.push(error) });
  return { control, looks, errors, clock };
}

test('a look asked for while one is under way is that one; afterwards there may be another', async () => {
  const { control, looks } = guarded();
  const both = Promise.all([control._refresh(), control._refresh()]);
  expect(looks).toHaveLength(1);
  looks[0]!.resolve();
  await both;
  void control._refresh();
  expect(looks).toHaveLength(2);
});

test('a step of the look that is under way goes on at once', () => {
  const { control, looks } = guarded();
  void control._refresh();
  void control._refresh('nodes left');
  expect(looks.map(({ nodesLeft }) => nodesLeft)).toEqual([undefined, 'nodes left']);
});

test('a look that ends badly rejects nowhere and is repeated', async () => {
  const { control, looks, errors, clock } = guarded();
  const look = control._refresh();
  looks[0]!.reject(new TypeError("Cannot read properties of null (reading 'endpoint')"));
  await look;
  expect(errors).toHaveLength(1);
  await clock.advance(RETRY_MS);
  expect(looks).toHaveLength(2);
});

test('the driver still has what is guarded', () => {
  const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1' });
  const { controlConnection } = client as unknown as { controlConnection: ControlConnection };
  expect(controlConnection._refresh).toBeTypeOf('function');
});
