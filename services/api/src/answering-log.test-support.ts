import { decodeCommand } from '@garam/contracts/command-codec';
import type { EventRecord } from '@garam/contracts/event-record';
import { TOPICS } from '@garam/contracts/topics';
import { emptyChat, type ChatState, type MemberTimeline, type SentEntry } from '@garam/domain/chat-state';
import { decide } from '@garam/domain/decide';
import type { EventLog, LogRecord } from '@garam/eventlog/event-log';
import type { Intake } from '@garam/intake/intake';
import type { ViewWrites } from '@garam/store/view-writes';

interface Chat {
  state: ChatState;
  members: Map<string, MemberTimeline>;
  sent: SentEntry[];
}

/** Decides what an intake appends by the real rules, writes the views of new chats and messages, and answers. */
export function answerCommands(deps: { log: EventLog; writes: ViewWrites; intake: Intake }): void {
  const chats = new Map<string, Chat>();
  deps.log.consume({
    group: 'test',
    topics: [TOPICS.commands],
    onError(error) {
      throw error;
    },
    assigned: (assignment) => ({
      async handle(records) {
        for (const record of records) await answer(deps, chats, record);
        await assignment.commit(records.at(-1)!.offset + 1);
      },
    }),
  });
}

async function answer(
  { writes, intake }: { writes: ViewWrites; intake: Intake },
  chats: Map<string, Chat>,
  { value, offset, timestamp }: LogRecord,
): Promise<void> {
  const command = decodeCommand(value)!;
  const chat: Chat = chats.get(command.chat) ?? { state: emptyChat(command.chat), members: new Map(), sent: [] };
  chats.set(command.chat, chat);
  const sent = chat.sent.filter((entry) => entry.actor === command.actor && entry.clientId === command.clientId);
  const decision = decide({ state: chat.state, command, position: { offset, timestamp }, members: chat.members, sent });
  chat.state = decision.state;
  chat.sent.push(decision.sent);
  for (const member of decision.members) chat.members.set(member.user, member);
  for (const event of decision.events) {
    await project(writes, event, decision.state);
    intake.settle({ event });
  }
  if (decision.reply !== null) intake.settle({ reply: decision.reply });
}

async function project(writes: ViewWrites, event: EventRecord, state: ChatState): Promise<void> {
  const { chat, seq, rev, clock, by, body } = event;
  const at = Math.floor(clock / 1_000);
  if (body.type === 'message.created') {
    const { type: _type, ...content } = body;
    await writes.putMessages([{ chat, seq, rev, clock, by, ...content }]);
  } else await writes.putChanges([{ event, notice: true }]);
  if (body.type === 'chat.created') {
    const view = { visibleFrom: 1, visibleFromRev: 1, joinedAt: at, rev, clock };
    await writes.putMemberships(body.members.map(({ user, role }) => Object.assign({ chat, user, role }, view)));
  }
  const { kind, title, settings, memberCount } = state;
  const row = { chat, seq, rev, clock, at, settings, memberCount };
  await writes.putHeads([{ ...row, ...(kind === null ? {} : { kind }), ...(title === undefined ? {} : { title }) }]);
}
