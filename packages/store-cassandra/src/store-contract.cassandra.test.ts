import { storeContract } from '@garam/testkit/store-contract';
import { openTestStore } from './testing/open-test-store.ts';

storeContract('Cassandra', async () => {
  const store = await openTestStore({});
  return { store, dispose: () => store.close() };
});
