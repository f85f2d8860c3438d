import { decide, type DecideInput, type Decision } from '@garam/domain/decide';
import { flushSteps, takeFlush, type FlushStep, type TakeFlush } from './flush-chats.ts';
import { loadChat, type LoadChat } from './load-chat.ts';
import { createOutbox, type CreateOutbox } from './outbox.ts';
import { planReads, type PlanReads } from './plan-reads.ts';

/**
 * The pieces whose order or rule a guarantee rests on, so that a simulation can exchange one from outside and show that
 * the guarantee breaks. The product uses these.
 */
export interface SequencerParts {
  loadChat: LoadChat;
  planReads: PlanReads;
  decide(input: DecideInput): Decision;
  createOutbox: CreateOutbox;
  /** What a flush may save and how far it may commit. */
  takeFlush: TakeFlush;
  flushSteps: readonly FlushStep[];
}

export const sequencerParts: SequencerParts = { loadChat, planReads, decide, createOutbox, takeFlush, flushSteps };
