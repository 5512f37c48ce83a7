import type { ExecutionResult, GraphQLError } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import type { Hub } from '../realtime/hub.ts';
import type { Log } from '../telemetry/log.ts';
import type { Admission } from './admission.ts';
import { CLOSE, PROTOCOL_CLOSE } from './close-codes.ts';
import { connectionToken } from './credentials.ts';
import type { Prepared } from './documents.ts';
import type { Execution, ResultStream } from './execution.ts';
import type { LiveSessions } from './live-session.ts';
import { refusal } from './refusal.ts';
import { SharedDelivery, type SharedDeliveryDeps } from './shared-delivery.ts';
import { createSharedGroups } from './shared-group.ts';
import { SENT, type SocketConnection } from './socket-connection.ts';
import type { RunningOperation } from './socket-operations.ts';

/** graphql-transport-ws on sockets that are handed in. */
export interface SocketProtocol {
  /** Closes one that speaks another subprotocol. */
  opened(connection: SocketConnection): void;
  /** Takes a text from the client. */
  take(connection: SocketConnection, text: string): void;
}

/** What speaking the protocol needs. */
export interface SocketProtocolDeps {
  readonly execution: Execution;
  readonly sessions: LiveSessions;
  readonly admission: Pick<Admission, 'entering'>;
  readonly hub: Pick<Hub, 'isMember'>;
  readonly onRefused: (reason: string) => void;
  readonly log: Log;
}

const ACK = '{"type":"connection_ack"}';

/**
 * The protocol as graphql-ws describes it; its parser says what a message is. Spoken here and not by its server, which keeps several suspended functions and
 * the message itself for each subscription: that was most of what an idle socket cost.
 */
export function createSocketProtocol(deps: SocketProtocolDeps): SocketProtocol {
  const { execution, hub, sessions, admission, onRefused, log } = deps;
  const groups = createSharedGroups(execution.share);
  const deliveryDeps: SharedDeliveryDeps = { isMember: hub.isMember, toError: execution.toError, forbidden: removed };

  // Whether it may stay.
  async function admit(connection: SocketConnection, token: string): Promise<boolean> {
    const session = await sessions.open(token, () => connection.close(CLOSE.revoked));
    if (session === 'crowded') {
      onRefused('user');
      connection.close(CLOSE.overload);
    } else if (session === 'invalid') connection.close(CLOSE.revoked);
    else connection.enter(session);
    return typeof session === 'object';
  }

  async function enter(connection: SocketConnection, params: Record<string, unknown> | undefined): Promise<void> {
    const token = connectionToken(params) ?? connection.takeCookie();
    const entered = admission.entering();
    try {
      // Signed out one may still sign in; everything else asks who it is by itself.
      if (token !== null && !(await admit(connection, token))) return;
    } catch (error) {
      log.warn({ err: error }, 'session could not be looked up');
      return connection.close(CLOSE.overload);
    } finally {
      entered();
    }
    connection.stage = 'entered';
    await connection.send(ACK);
  }

  // Which of the two its results are: answered right away, or streamed until their end.
  async function subscribe(
    connection: SocketConnection,
    id: string,
    operation: RunningOperation,
    prepared: Prepared,
  ): Promise<ExecutionResult | ResultStream | SharedDelivery> {
    const { caller, output, operations } = connection;
    const userId = caller.viewer?.userId ?? '';
    const results = await execution.subscribeShared(prepared, caller, (source, sharing) => {
      const group = groups.of(prepared, sharing);
      return new SharedDelivery(deliveryDeps, { source, operationId: id, userId, output, group });
    });
    if ('return' in results) operations.streams(id, operation, results);
    return results;
  }

  // Nothing stays suspended for one that is shared: it says itself when it has ended.
  async function stream(
    connection: SocketConnection,
    id: string,
    operation: RunningOperation,
    prepared: Prepared,
  ): Promise<void> {
    const results = await subscribe(connection, id, operation, prepared);
    if (results instanceof SharedDelivery) {
      results.start((error) => {
        if (error !== null) void tell(connection, id, operation, { errors: [error] });
        finish(connection, id, operation);
      });
      return;
    }
    if (Symbol.asyncIterator in results) for await (const result of results) await tell(connection, id, operation, result);
    else await tell(connection, id, operation, results);
    finish(connection, id, operation);
  }

  function answer(connection: SocketConnection, id: string, operation: RunningOperation, prepared: Prepared): Promise<void> {
    return execution.execute(prepared, connection.caller).then((result) => {
      const told = tell(connection, id, operation, result);
      return told === SENT ? finish(connection, id, operation) : told.then(() => finish(connection, id, operation));
    });
  }

  function begin(connection: SocketConnection, { id, payload }: SubscribeMessage): void {
    const { operations, address } = connection;
    if (connection.stage !== 'entered') return connection.close(PROTOCOL_CLOSE.tooEarly);
    if (operations.has(id)) return connection.close(PROTOCOL_CLOSE.idInUse);
    const prepared = execution.prepare(payload, address);
    if ('errors' in prepared) return refuse(connection, id, prepared.errors);
    const kind = prepared.kind === 'subscription' ? 'subscription' : 'other';
    const operation = operations.begin(id, kind);
    if (operation === null) return refuse(connection, id, [tooMany(kind)]);
    const run = kind === 'subscription' ? stream : answer;
    run(connection, id, operation, prepared).catch((error: unknown) => {
      log.error({ err: error }, 'operation could not be run');
      connection.close(CLOSE.fault);
      finish(connection, id, operation);
    });
  }

  function dispatch(connection: SocketConnection, message: Message): void {
    switch (message.type) {
      case MessageType.ConnectionInit:
        if (connection.stage !== 'opened') return connection.close(PROTOCOL_CLOSE.secondInit);
        connection.stage = 'entering';
        return void enter(connection, message.payload);
      case MessageType.Subscribe:
        return begin(connection, message);
      case MessageType.Complete:
        return connection.operations.complete(message.id);
      case MessageType.Ping:
        return void connection.send(JSON.stringify({ type: MessageType.Pong, payload: message.payload }));
      case MessageType.Pong:
        return;
      default:
        return connection.close(CLOSE.badMessage);
    }
  }

  return {
    opened(connection) {
      if (connection.socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) connection.close(PROTOCOL_CLOSE.otherProtocol);
    },
    take(connection, text) {
      const message = parsed(text);
      if (message === null) connection.close(CLOSE.badMessage);
      else if (connection.isOpen) dispatch(connection, message);
    },
  };
}

/** Null where it is none of the protocol's. */
function parsed(text: string): Message | null {
  try {
    return parseMessage(text);
  } catch {
    return null;
  }
}

function tell(connection: SocketConnection, id: string, operation: RunningOperation, payload: ExecutionResult): Promise<void> {
  if (!connection.operations.isWanted(id, operation)) return SENT;
  return connection.send(JSON.stringify({ id, type: MessageType.Next, payload }));
}

function refuse(connection: SocketConnection, id: string, payload: readonly GraphQLError[]): void {
  void connection.send(JSON.stringify({ id, type: MessageType.Error, payload }));
}

function finish(connection: SocketConnection, id: string, operation: RunningOperation): void {
  if (connection.operations.isWanted(id, operation)) void connection.send(JSON.stringify({ id, type: MessageType.Complete }));
  connection.operations.end(id, operation);
  connection.settle();
}

const removed = () => refusal('FORBIDDEN', 'You are no longer a member of the room.');

const tooMany = (kind: RunningOperation['kind']) =>
  kind === 'subscription'
    ? refusal('TOO_LARGE', 'This connection has as many subscriptions as it may.')
    : refusal('RATE_LIMITED', 'This connection has as many running operations as it may.', { retryAfterMs: 1000 });
