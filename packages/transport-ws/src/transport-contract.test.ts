import { systemClock } from '@garam/runtime/system-clock';
import { transportContract } from '@garam/testkit/transport-contract';
import { createWsTransport } from './ws-transport.ts';

transportContract('ws', () => {
  const frameBytes = 65_536;
  const transport = createWsTransport({ clock: systemClock }, { host: '127.0.0.1', port: 0, frameBytes });
  return { transport, frameBytes, url: () => `ws://127.0.0.1:${transport.port()}` };
});
