import type { Bus } from '@garam/bus/bus';
import { afterEach, beforeEach, describe } from 'vitest';
import { publishContract } from './bus-publish-contract.ts';
import { recentContract } from './bus-recent-contract.ts';
import { routesContract } from './bus-routes-contract.ts';

/** One bus under test and what the suite may do to it. Made anew, or emptied, for every test. */
export interface BusFixture {
  readonly bus: Bus;
  /** Newest events of a chat that are surely kept. */
  readonly eventsPerChat: number;
  /** Lets this much of the bus's time pass. */
  elapse(ms: number): Promise<void>;
  /** Breaks the connection of the instance's subscription until the returned function is called. */
  loseConnection?(instance: string): Promise<() => Promise<void>>;
  /** Puts the bus out of reach until the returned function is called. */
  makeUnreachable?(): Promise<() => Promise<void>>;
  dispose(): Promise<void>;
}

export type FixtureOf = () => BusFixture;

/** What every Bus promises; the same suite runs against all adapters. Names in it are new for every test. */
export function busContract(name: string, makeFixture: () => Promise<BusFixture>): void {
  describe(`Bus: ${name}`, () => {
    let fixture: BusFixture;
    beforeEach(async () => {
      fixture = await makeFixture();
    });
    afterEach(async () => fixture.dispose());
    routesContract(() => fixture);
    publishContract(() => fixture);
    recentContract(() => fixture);
  });
}
