import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from 'graphql';
import { makeServer, type Server, type SubscribePayload } from 'graphql-ws';
import type { Hub } from '../realtime/hub.ts';
import type { Log } from '../telemetry/log.ts';
import { CLOSE } from './close-codes.ts';
import { connectionToken } from './credentials.ts';
import type { Prepared } from './documents.ts';
import type { Execution, ResultStream } from './execution.ts';
import type { LiveSessions } from './live-session.ts';
import { refusal } from './refusal.ts';
import { SharedDelivery } from './shared-delivery.ts';
import { createSharedGroups } from './shared-group.ts';
import type { SocketConnection } from './socket-connection.ts';

/** What speaking the protocol needs. */
export interface SocketProtocolDeps {
  readonly schema: GraphQLSchema;
  readonly execution: Execution;
  readonly sessions: LiveSessions;
  readonly hub: Pick<Hub, 'isMember'>;
  readonly initTimeoutMs: number;
  readonly onRefused: (reason: string) => void;
  readonly log: Log;
}

/** What graphql-ws knows a connection by. */
export interface Extra {
  readonly connection: SocketConnection;
}

interface Task {
  readonly connection: SocketConnection;
  readonly operationId: string;
  readonly prepared: Prepared;
}

/** graphql-transport-ws as graphql-ws speaks it, with our sessions, limits and execution. */
export function createSocketProtocol(deps: SocketProtocolDeps): Server<Extra> {
  const { schema, execution, hub, sessions, initTimeoutMs, onRefused, log } = deps;
  // Both are keyed by objects that graphql-ws hands from hook to hook: operation ids can repeat, these cannot.
  const tasks = new WeakMap<ExecutionArgs, Task>();
  const places = new WeakMap<SubscribePayload, () => void>();
  const groups = createSharedGroups(execution.share);

  async function enter(connection: SocketConnection, token: string): Promise<boolean> {
    const session = await sessions.open(token, () => connection.close(CLOSE.revoked));
    if (session === 'invalid') {
      connection.close(CLOSE.revoked);
      return false;
    }
    if (session === 'crowded') {
      onRefused('user');
      connection.close(CLOSE.overload);
      return false;
    }
    connection.enter(session);
    return true;
  }

  function taskOf(args: ExecutionArgs): Task {
    const task = tasks.get(args);
    if (task === undefined) throw new Error('An operation that was never admitted.');
    return task;
  }

  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: initTimeoutMs,

    async onConnect({ connectionParams, extra: { connection } }) {
      const token = connectionToken(connectionParams) ?? connection.cookie;
      // Signed out one may still sign in; everything else asks who it is by itself.
      if (token === null) return true;
      try {
        return await enter(connection, token);
      } catch (error) {
        log.warn({ err: error }, 'session could not be looked up');
        connection.close(CLOSE.overload);
        return false;
      }
    },

    onSubscribe({ extra: { connection } }, operationId, payload) {
      const prepared = execution.prepare(payload, connection.peer.address);
      if ('errors' in prepared) return prepared.errors;
      const kind = prepared.kind === 'subscription' ? 'subscription' : 'other';
      const giveBack = connection.operations.take(kind);
      if (giveBack === null) return [tooMany(kind)];
      places.set(payload, giveBack);
      const args: ExecutionArgs = {
        schema,
        document: prepared.document,
        operationName: prepared.operationName,
        contextValue: null,
        rootValue: null,
      };
      tasks.set(args, { connection, prepared, operationId });
      return args;
    },

    execute(args): Promise<ExecutionResult> {
      const { connection, prepared } = taskOf(args);
      return execution.execute(prepared, connection.caller);
    },

    async subscribe(args): Promise<ExecutionResult | ResultStream> {
      const { connection, prepared, operationId } = taskOf(args);
      const { caller, output } = connection;
      const result = await execution.subscribeShared(prepared, caller, (source, sharing) => {
        const delivery = new SharedDelivery({
          source,
          operationId,
          output,
          stillMember: () => hub.isMember(sharing.roomId, caller.viewer?.userId ?? ''),
          toError: execution.toError,
          forbidden: removed,
          ...groups.acquire(prepared, sharing),
        });
        delivery.start();
        return delivery;
      });
      return Symbol.asyncIterator in result ? connection.operations.watch(result) : result;
    },

    onComplete({ extra: { connection } }, _id, payload) {
      places.get(payload)?.();
      connection.settle();
    },
  });
}

const removed = () => refusal('FORBIDDEN', 'You are no longer a member of the room.');

const tooMany = (kind: 'subscription' | 'other') =>
  kind === 'subscription'
    ? refusal('TOO_LARGE', 'This connection has as many subscriptions as it may.')
    : refusal('RATE_LIMITED', 'This connection has as many running operations as it may.', { retryAfterMs: 1000 });
