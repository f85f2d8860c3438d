import { generateKeyPair, exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createManualClock } from '@garam/testkit/manual-clock';
import { createDevIssuer } from './dev-issuer.ts';
import { signDevToken } from './sign-dev-token.ts';
import { createVerifier } from './verifier.ts';

const secret = 'a-secret-of-at-least-32-characters!';
const clock = createManualClock();
const refusal = (name: string) => ({ wire: expect.objectContaining({ name }) as unknown });
const sign = (options: Partial<Parameters<typeof signDevToken>[0]> = {}) =>
  signDevToken({ secret, user: 'alice', now: clock.now(), ttlS: 60, ...options });

let server: Server | undefined;
afterEach(() => server?.close());

describe('a shared secret', () => {
  const verifier = createVerifier({ clock }, { secret });

  it('gives who it is and until when', async () => {
    const token = await sign({ name: ' Alice ', scope: 'read service' });
    expect(await verifier.verify(token)).toEqual({
      user: 'alice',
      name: 'Alice',
      service: true,
      expiresAt: clock.now() + 60_000,
      issuedAt: clock.now(),
    });
  });

  it('an expired token is token_expired, also when it was verified before', async () => {
    const own = createManualClock();
    const token = await signDevToken({ secret, user: 'alice', now: own.now(), ttlS: 60 });
    const remembering = createVerifier({ clock: own }, { secret });
    await remembering.verify(token);
    await own.advance(70_000);
    await expect(remembering.verify(token)).rejects.toMatchObject(refusal('token_expired'));
    await expect(createVerifier({ clock: own }, { secret }).verify(token)).rejects.toMatchObject(
      refusal('token_expired'),
    );
  });

  it('foreign signatures, no signature, other algorithms and garbage are token_invalid', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const tokens = [
      await sign({ secret: 'another-secret-of-32-characters!!' }),
      new UnsecuredJWT({}).setSubject('alice').setExpirationTime('1h').encode(),
      await new SignJWT({})
        .setProtectedHeader({ alg: 'RS256' })
        .setSubject('a')
        .setExpirationTime('1h')
        .sign(privateKey),
      await new SignJWT({})
        .setProtectedHeader({ alg: 'HS512' })
        .setSubject('a')
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret.repeat(2))),
      'garbage',
      'a.b.c',
    ];
    for (const token of tokens) await expect(verifier.verify(token)).rejects.toMatchObject(refusal('token_invalid'));
  });

  it('sub and exp are required, and sub must be a user id', async () => {
    const key = new TextEncoder().encode(secret);
    const signed = (jwt: SignJWT) => jwt.setProtectedHeader({ alg: 'HS256' }).sign(key);
    const tokens = [
      await signed(new SignJWT({}).setSubject('alice')),
      await signed(new SignJWT({}).setExpirationTime(clock.now() / 1_000 + 60)),
      await sign({ user: 'service:shop' }),
      await sign({ user: 'a\u0000b' }),
      await sign({ user: 'x'.repeat(129) }),
    ];
    for (const token of tokens) await expect(verifier.verify(token)).rejects.toMatchObject(refusal('token_invalid'));
  });

  it('takes what a dev issuer issues', async () => {
    const token = await createDevIssuer({ clock }, { secret }).issue('밥', 'Bob');
    expect(await verifier.verify(token)).toMatchObject({ user: '밥', name: 'Bob', service: false });
  });
});

describe('a key set', () => {
  it('verifies by its keys; HS256 with a public key is refused', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' };
    server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] }))).listen(0, '127.0.0.1');
    await new Promise((resolve) => server!.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const verifier = createVerifier({ clock }, { jwksUrl: `http://127.0.0.1:${port}/jwks` });
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setSubject('alice')
      .setExpirationTime(clock.now() / 1_000 + 60)
      .sign(privateKey);
    expect(await verifier.verify(token)).toMatchObject({ user: 'alice' });
    const forged = await sign({ secret: JSON.stringify(jwk) });
    await expect(verifier.verify(forged)).rejects.toMatchObject(refusal('token_invalid'));
  });

  it('that cannot be fetched is unavailable, not the token’s fault', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    server = createServer((_request, response) => response.writeHead(500).end()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server!.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
      .setSubject('alice')
      .setExpirationTime(clock.now() / 1_000 + 60)
      .sign(privateKey);
    for (const jwksUrl of [`http://127.0.0.1:${port}/`, 'http://127.0.0.1:1/'])
      await expect(createVerifier({ clock }, { jwksUrl }).verify(token)).rejects.toMatchObject(refusal('unavailable'));
  });
});
