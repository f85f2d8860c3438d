import type { Codec } from '@garam/protocol/codec';
import { jsonCodec } from '@garam/protocol/json-codec';
import type { UpgradeRequest } from '@garam/transport/transport';

/** Where clients connect. */
export const CONNECT_PATH = '/v1/connect';

/** The forms of the wire spoken here, the default first. */
const CODECS: readonly Codec[] = [jsonCodec];

/** Which subprotocol to speak, or the HTTP status that refuses. A version nobody speaks is accepted, to be told so. */
export function acceptUpgrade(
  request: UpgradeRequest,
  { allowedOrigins }: { allowedOrigins: readonly string[] },
): { protocol: string } | { status: number } {
  if (request.path !== CONNECT_PATH) return { status: 404 };
  if (!isAllowed(request, allowedOrigins)) return { status: 403 };
  const known = request.protocols.find((protocol) => codecOf(protocol) !== undefined);
  return { protocol: known ?? request.protocols[0] ?? CODECS[0]!.subprotocol };
}

/** undefined: this gateway does not speak it. */
export function codecOf(protocol: string): Codec | undefined {
  return CODECS.find((codec) => codec.subprotocol === protocol);
}

/** No Origin: not a browser. A page served from this very address may connect without being listed. */
function isAllowed({ origin, host }: UpgradeRequest, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin.toLowerCase())) return true;
  return host !== undefined && URL.parse(origin)?.host === host.toLowerCase();
}
