import { ReplyError } from 'ioredis';

/** Answers that say the server, or its part of the cluster, does not serve at all. */
const NOT_SERVING = /^(LOADING|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|READONLY|NOAUTH|WRONGPASS)\b/;

/** Whether the next call can be expected to fail the same way; any other answer of Redis concerns this call alone. */
export function isOutOfReach(error: unknown): boolean {
  return !(error instanceof ReplyError) || NOT_SERVING.test((error as Error).message);
}
