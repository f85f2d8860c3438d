import { describe, expect, it } from 'vitest';
import { userId } from './names.ts';
import { ALLOWED_ORIGIN } from './profiles.ts';
import { RawSocket } from './raw-socket.ts';
import { gatewayUrl } from './topology.ts';
import { connect } from './ws-client.ts';

describe('the Origin of an upgrade', () => {
  it('on the list is allowed', async () => {
    const client = await connect(userId('alice'), { target: 'strict', headers: { Origin: ALLOWED_ORIGIN } });
    await client.ok('ping');
  });

  it('that is missing is no browser: allowed', async () => {
    await connect(userId('alice'), { target: 'strict' });
  });

  const STRANGERS = [
    'https://evil.example.com',
    `${ALLOWED_ORIGIN}.evil.com`,
    'http://app.example.com',
    `${ALLOWED_ORIGIN}:8443`,
    'null',
  ];
  for (const origin of STRANGERS) {
    it(`${origin} is refused with 403 before there is a connection`, async () => {
      const raw = await RawSocket.open(gatewayUrl('strict'), { headers: { Origin: origin } });
      expect(raw.answer.status).toBe(403);
      raw.destroy();
    });
  }
});
