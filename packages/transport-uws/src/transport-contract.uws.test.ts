import { systemClock } from '@garam/runtime/system-clock';
import { transportContract } from '@garam/testkit/transport-contract';
import { createUwsTransport } from './create-uws-transport.ts';
import { loadUws } from './load-uws.ts';

const uws = await loadUws(process.env['GARAM_UWS_MODULE']);

transportContract('uWebSockets.js', () => {
  const frameBytes = 65_536;
  const transport = createUwsTransport({ clock: systemClock, uws }, { host: '127.0.0.1', port: 0, frameBytes });
  return { transport, frameBytes, url: () => `ws://127.0.0.1:${transport.port()}` };
});
