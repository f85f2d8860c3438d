import { createIntake } from '@garam/intake/create-intake';
import type { Intake } from '@garam/intake/intake';
import { createUserRates } from '@garam/intake/user-rates';
import { createViews } from '@garam/views/create-views';
import type { Views } from '@garam/views/views';
import { dispatchCommand } from './commands/dispatch.ts';
import { createTraceparents } from './commands/traceparents.ts';
import type { GatewayConnection } from './connection/gateway-connection.ts';
import { createDelivery, type Delivery } from './delivery/delivery.ts';
import type { BusCover } from './delivery/delivery-deps.ts';
import { authorOf, typeOf } from './delivery/gate-event.ts';
import type { Edge } from './edge.ts';
import { ChatViews } from './ephemera/chat-views.ts';
import { Presence } from './ephemera/presence.ts';
import { pushToChat } from './ephemera/push-to-chat.ts';
import { createReceiptWindow } from './ephemera/receipt-window.ts';
import { createTyping, type Typing } from './ephemera/typing.ts';
import type { GatewayDeps, GatewayParts } from './gateway.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createGatewayMetrics, type GatewayMetrics } from './metrics.ts';
import { createLogName } from './session/log-name.ts';
import { sayHello } from './session/say-hello.ts';
import { createSessionIds } from './session/session-ids.ts';
import type { Tailing } from './tailing/tailing.ts';

/** Puts together what the connections of a gateway share. */
export function createEdge(deps: GatewayDeps, options: GatewayOptions, parts: GatewayParts): Edge {
  const { bus, clock, logger, log, store, meter, instance } = deps;
  const { reads, users } = store;
  const { recent } = bus;
  const metrics = createGatewayMetrics(meter);
  const intake =
    deps.intake ?? createIntake({ log, reads, users, recent, clock, meter }, { ...options.intake, origin: instance });
  const views = deps.views ?? createViews({ reads, users, recent, clock }, { bigChat: options.limits.bigChat });
  const { chatViews, typing, delivery, tailing } = createFlow(deps, { options, parts, intake, views, metrics });
  const presence = new Presence(
    { bus, users, views, clock, logger, routes: delivery.routes },
    { leaseMs: options.presenceLeaseMs },
  );
  const receipts = createReceiptWindow(
    { log, clock, logger, metrics },
    { windowMs: options.receiptWindowMs, instance },
  );
  const edge: Edge = {
    instance,
    options,
    transport: deps.transport,
    log,
    logName: createLogName({ log, store }),
    store,
    bus,
    verifier: deps.verifier,
    clock,
    logger,
    metrics,
    intake,
    views,
    userRates: createUserRates({ clock }, options.rates),
    delivery,
    tailing,
    receipts,
    typing,
    presence,
    chatViews,
    connections: new Set(),
    closing: new Set(),
    newSessionId: createSessionIds(clock),
    newTraceparent: createTraceparents(),
    greet: (connection, hello) => void sayHello(edge, connection, hello),
    dispatch: (session, command, readAt) => dispatchCommand(edge, session, command, readAt),
    ended: (connection) => endConnection(edge, connection),
  };
  return edge;
}

interface FlowContext {
  options: GatewayOptions;
  parts: GatewayParts;
  intake: Intake;
  views: Views;
  metrics: GatewayMetrics;
}

/** What brings the events of chats, and what follows from them, to the sessions. */
function createFlow(
  { bus, clock, logger, log, store, instance }: GatewayDeps,
  { options, parts, intake, views, metrics }: FlowContext,
) {
  const { reads } = store;
  const chatViews = new ChatViews(
    { reads, views, clock, logger },
    { bigChat: options.limits.bigChat, countsEveryMs: options.countsEveryMs },
  );
  const typing: Typing = createTyping(
    { bus, clock, push: (chat, push) => pushToChat({ delivery, chatViews }, chat, push) },
    { windowMs: options.typingWindowMs },
  );
  const delivery: Delivery = createDelivery(
    {
      instance,
      bus,
      reads,
      views,
      clock,
      logger,
      cover: lateCover(() => tailing),
      metrics: metrics.delivery,
      settle: (event) => intake.settle({ event }),
      passed(gate, event) {
        if (typeOf(event) === 'message.created') typing.heard(gate.chat, authorOf(event), false);
        chatViews.passed(gate, event);
      },
    },
    options.delivery,
    parts.delivery,
  );
  const tailing: Tailing = parts.tailing.createTailing(
    { log, clock, logger, metrics: metrics.tailing, intake, delivery },
    options.tailing,
    parts.tailing,
  );
  return { chatViews, typing, delivery, tailing };
}

/** Delivery rests on the tail, which hands what it reads to delivery. */
function lateCover(cover: () => BusCover): BusCover {
  return {
    get isCut() {
      return cover().isCut;
    },
    covered: () => cover().covered(),
    busFailed: () => cover().busFailed(),
    busWorked: () => cover().busWorked(),
    seenRev: (chat) => cover().seenRev(chat),
    seenChanges: (user) => cover().seenChanges(user),
  };
}

function endConnection(edge: Edge, connection: GatewayConnection): void {
  if (!edge.connections.delete(connection)) return;
  edge.metrics.connections.add(-1);
  const { session } = connection;
  if (session === undefined) return;
  edge.metrics.sessions.add(-1);
  session.end();
  edge.chatViews.close(session);
  edge.presence.leave(session);
  if (session.attachment !== undefined) edge.delivery.detach(session.attachment);
}
