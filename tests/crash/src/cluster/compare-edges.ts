import type { Cluster } from '@garam/cluster/start-cluster';
import type { TokenSource } from '@garam/tests-driver/dev-token';
import { CommandRefused, connectGaram } from '@garam/tests-driver/garam-connection';
import { readHistory } from '../collect-evidence.ts';
import type { MemberEvidence, SeenMessage, Violation } from '../evidence.ts';
import { patiently } from '@garam/tests-driver/patiently';

/** Reads every chat once more through each gateway and each api: all must tell the same as the member was told. */
export async function compareEdges(
  cluster: Pick<Cluster, 'gateways' | 'apis'>,
  tokens: TokenSource,
  evidence: readonly MemberEvidence[],
): Promise<Violation[]> {
  const oneOfEach = [...Map.groupBy(evidence, ({ chat }) => chat).values()].map(([first]) => first!);
  const violations: Violation[] = [];
  for (const url of cluster.gateways()) {
    for (const member of oneOfEach) violations.push(...differences(url, member, await overSocket(url, tokens, member)));
  }
  for (const url of cluster.apis()) {
    for (const member of oneOfEach) violations.push(...differences(url, member, await overHttp(url, tokens, member)));
  }
  return violations;
}

function differences(url: string, { chat, history }: MemberEvidence, found: readonly SeenMessage[]): Violation[] {
  if (JSON.stringify(found) === JSON.stringify(history)) return [];
  const detail = `${chat} at ${url}: ${found.length} messages, ${history.length} elsewhere, or others`;
  return [{ rule: 'edges tell different histories', detail }];
}

async function overSocket(url: string, tokens: TokenSource, { chat, user }: MemberEvidence): Promise<SeenMessage[]> {
  const token = await tokens.token(user);
  const connection = await patiently(() => connectGaram({ url, token, device: 'comparer' }));
  try {
    return (await readHistory((fields) => connection.command(fields), chat)).history;
  } finally {
    connection.close();
  }
}

const REQUEST_MS_MAX = 15_000;
const TEMPORARY = new Set([429, 503, 504]);

async function overHttp(url: string, tokens: TokenSource, { chat, user }: MemberEvidence): Promise<SeenMessage[]> {
  const token = await tokens.token(user);
  const ask = async ({ t, ...fields }: { t: string } & Record<string, unknown>): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/v1/${t}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
      signal: AbortSignal.timeout(REQUEST_MS_MAX),
    });
    const content = (await answer.json()) as Record<string, unknown>;
    if (answer.status === 200) return content;
    throw new CommandRefused(t, { ...content, temporary: TEMPORARY.has(answer.status) });
  };
  return (await readHistory(ask, chat)).history;
}
