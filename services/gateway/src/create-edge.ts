import { createIntake } from '@garam/intake/create-intake';
import { createUserRates } from '@garam/intake/user-rates';
import { createViews } from '@garam/views/create-views';
import { dispatchCommand } from './commands/dispatch.ts';
import { createTraceparents } from './commands/traceparents.ts';
import type { GatewayConnection } from './connection/gateway-connection.ts';
import { createDelivery, type Delivery } from './delivery/delivery.ts';
import type { DeliveryParts } from './delivery/delivery-parts.ts';
import { authorOf, typeOf } from './delivery/gate-event.ts';
import type { Edge } from './edge.ts';
import { ChatViews } from './ephemera/chat-views.ts';
import { Presence } from './ephemera/presence.ts';
import { pushToChat } from './ephemera/push-to-chat.ts';
import { createReceiptWindow } from './ephemera/receipt-window.ts';
import { createTyping, type Typing } from './ephemera/typing.ts';
import type { GatewayDeps } from './gateway.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createGatewayMetrics } from './metrics.ts';
import { sayHello } from './session/say-hello.ts';
import { createSessionIds } from './session/session-ids.ts';

/** Puts together what the connections of a gateway share. */
export function createEdge(deps: GatewayDeps, options: GatewayOptions, parts: DeliveryParts): Edge {
  const { bus, clock, logger, log, store, meter, instance } = deps;
  const { reads, users } = store;
  const { recent } = bus;
  const metrics = createGatewayMetrics(meter);
  const intake =
    deps.intake ?? createIntake({ log, reads, users, recent, clock, meter }, { ...options.intake, origin: instance });
  const views = deps.views ?? createViews({ reads, users, recent, clock }, { bigChat: options.limits.bigChat });
  const chatViews = new ChatViews(
    { reads, views, clock, logger },
    { bigChat: options.limits.bigChat, countsEveryMs: options.countsEveryMs },
  );
  const typing: Typing = createTyping(
    { bus, clock, push: (chat, push) => pushToChat({ delivery, chatViews }, chat, push) },
    { windowMs: options.typingWindowMs },
  );
  const ports = { instance, bus, reads, views, clock, logger };
  const delivery: Delivery = createDelivery(
    {
      ...ports,
      metrics: metrics.delivery,
      settle: (event) => intake.settle({ event }),
      passed(gate, event) {
        if (typeOf(event) === 'message.created') typing.heard(gate.chat, authorOf(event), false);
        chatViews.passed(gate, event);
      },
    },
    options.delivery,
    parts,
  );
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
