import { GraphQLError, Kind } from 'graphql';
import { DomainError } from '../../src/domain/errors.ts';
import type { RoomDelivery } from '../../src/domain/event.ts';
import type { Flow } from '../../src/realtime/subscriber.ts';
import type { Prepared } from '../../src/transport/documents.ts';
import { SharedDelivery } from '../../src/transport/shared-delivery.ts';
import { createSharedGroups } from '../../src/transport/shared-group.ts';
import type { SocketOutput } from '../../src/transport/socket-output.ts';
import type { Random } from './random.ts';

// Never looked at: what executes it is given here.
const PREPARED = {
  document: { kind: Kind.DOCUMENT, definitions: [] },
  operationName: undefined,
  variables: {},
  kind: 'subscription',
} as unknown as Prepared;

/**
 * The way over a socket whose results are shared, without the socket: results are made at once or some time later, some of them by reading beside the
 * event, and outputs are full and empty again as chance has it.
 */
export function createPushing(random: Random) {
  const events: RoomDelivery[] = [];
  const outputs = new Set<ReturnType<typeof createOutput>>();
  const unmade: (() => void)[] = [];

  const groups = createSharedGroups((_prepared, _sharing, event, onBeside) => {
    events.push(event as RoomDelivery);
    const result = { data: { index: events.length - 1 } };
    const make = () => {
      if (random.chance(0.1)) onBeside();
      return result;
    };
    if (random.chance(0.6)) return make();
    return new Promise((resolve) => unmade.push(() => resolve(make())));
  });

  function createOutput(note: (delivery: RoomDelivery) => void) {
    let waiting: (() => void)[] = [];
    let full = false;
    const output: SocketOutput = {
      text(first, rest = '') {
        const { payload } = JSON.parse(first + rest);
        const event = events[payload.data.index];
        if (event) note(event);
      },
      flush() {},
      pending: 0,
      get full() {
        return full;
      },
      whenRoom: (call) => void waiting.push(call),
    };
    return {
      output,
      setFull(value: boolean) {
        full = value;
        if (full) return;
        const calls = waiting;
        waiting = [];
        for (const call of calls) call();
      },
    };
  }

  function start(
    source: Flow<RoomDelivery>,
    note: (delivery: RoomDelivery) => void,
    onEnd: (error?: unknown) => void,
    stillMember: () => Promise<boolean>,
  ) {
    const socket = createOutput(note);
    outputs.add(socket);
    let failure: unknown;
    const toError = (error: unknown) => {
      failure = error;
      return new GraphQLError('Failed.');
    };
    const forbidden = () => toError(new DomainError('FORBIDDEN', 'No longer a member.'));
    const group = groups.of(PREPARED, { key: 'all', roomId: '' });
    const deps = { isMember: stillMember, toError, forbidden };
    const delivery = new SharedDelivery(deps, { source, operationId: '1', userId: '', output: socket.output, group });
    delivery.start(() => onEnd(failure));
    return {
      pull: async () => {},
      end() {
        outputs.delete(socket);
        delivery.return();
      },
    };
  }

  return {
    start,
    /** Makes a result that waits, or changes whether some output has room. */
    step() {
      if (unmade.length > 0 && random.chance(0.5)) return unmade.splice(random.below(unmade.length), 1)[0]?.();
      if (outputs.size > 0) random.pick([...outputs]).setFull(random.chance(0.4));
    },
    /** Makes all results, and gives all outputs room. */
    calm() {
      for (const make of unmade.splice(0)) make();
      for (const output of outputs) output.setFull(false);
    },
    get groups() {
      return groups.size;
    },
  };
}

/** See {@link createPushing}. */
export type Pushing = ReturnType<typeof createPushing>;
