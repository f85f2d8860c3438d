import type { CommandFields } from '@garam/protocol/commands';
import type { Prefs } from '@garam/store/user-store';
import { publishTo } from './publish-to.ts';
import type { RunDeps } from './run-command.ts';

/** Writes the viewer's own settings of a chat and tells their devices. Hidden means: until the next message. */
export async function changePrefs(
  { store, bus, views, clock }: Pick<RunDeps, 'store' | 'bus' | 'views' | 'clock'>,
  viewer: string,
  { chat, muted, pinned, hidden }: CommandFields<'chat.prefs'>,
): Promise<object> {
  const now = await views.chat(viewer, chat);
  const change: Prefs = {};
  if (muted !== undefined) change.muted = muted;
  if (pinned !== undefined) change.pinned = pinned;
  if (hidden !== undefined) change.hiddenThroughSeq = hidden ? now.head.seq : 0;
  await store.users.putPrefs(viewer, chat, change, clock.now());
  await publishTo(bus, `user:${viewer}`, {
    kind: 'chat.prefs',
    user: viewer,
    chat,
    muted: muted ?? now.muted,
    pinned: pinned ?? now.pinned,
    hidden: hidden ?? now.hidden,
  });
  return {};
}
