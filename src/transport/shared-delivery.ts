import type { GraphQLError } from 'graphql';
import type { Flow } from '../realtime/subscriber.ts';
import { type GroupMember, type Rendering, type SharedGroup, UNMADE_MAX } from './shared-group.ts';
import type { SocketOutput } from './socket-output.ts';
import { toWire } from './wire-text.ts';

/** What delivering needs beside the subscription itself. */
export interface SharedDeliveryDeps {
  /** Whether the user is a member of the room, asked after the fact; rejects where that cannot be known. */
  readonly isMember: (roomId: string, userId: string) => Promise<boolean>;
  readonly toError: (error: unknown) => GraphQLError;
  readonly forbidden: () => GraphQLError;
}

/** One subscription whose results are shared with others. */
export interface SharedSubscription {
  readonly source: Flow<unknown>;
  /** The client's id of the operation. */
  readonly operationId: string;
  readonly userId: string;
  readonly output: SocketOutput;
  readonly group: SharedGroup;
}

// Clients that number their operations have the same few ids: what these make of an event is the same, so that they share it.
const NUMBER = /^\d{1,3}$/;
const heads = new Map<string, string>();

function headOf(operationId: string): string {
  const known = heads.get(operationId);
  if (known !== undefined) return known;
  const head = toWire(`{"id":${JSON.stringify(operationId)},"type":"next","payload":`);
  if (NUMBER.test(operationId)) heads.set(operationId, head);
  return head;
}

/**
 * Sends a shared subscription's results: the frame is the operation's id around bytes made once for all.
 *
 * A class, as there is one for every subscription.
 */
export class SharedDelivery implements GroupMember {
  /** How many events the group had been told of when this one joined: those are not for it. Kept by the group. */
  joinedAt = 0;
  /** The group it belongs to, held until its end. */
  readonly group: SharedGroup;
  readonly #deps: SharedDeliveryDeps;
  readonly #source: Flow<unknown>;
  readonly #userId: string;
  readonly #output: SocketOutput;
  readonly #head: string;
  // Those not shown yet, the first at `#at`; mostly there are none.
  #queue: Rendering[] | null = null;
  #at = 0;
  #judging = false;
  #held = false;
  #ended = false;
  #over = false;
  // The first reason counts.
  #failure: GraphQLError | null = null;
  #onEnd: ((failure: GraphQLError | null) => void) | null = null;

  constructor(deps: SharedDeliveryDeps, { source, operationId, userId, output, group }: SharedSubscription) {
    this.#deps = deps;
    this.#source = source;
    this.#userId = userId;
    this.#output = output;
    this.#head = headOf(operationId);
    this.group = group.hold();
  }

  /** Begins; once. Calls once when nothing follows, with the reason where it is not a plain end. */
  start(onEnd: (failure: GraphQLError | null) => void): void {
    this.#onEnd = onEnd;
    if (!this.#over) this.#source.flow(this);
    this.#settle();
  }

  item(event: object): boolean {
    this.take(this.group.rendering(event));
    if (this.hasRoom()) return true;
    this.#brake();
    return false;
  }

  end(error?: Error): void {
    if (error) this.#failure ??= this.#deps.toError(error);
    this.#finish();
  }

  /** The next result to show, in order. */
  take(rendering: Rendering): void {
    if (this.#over) return;
    if (this.#queue === null && rendering.tail !== null && !rendering.readBeside)
      return this.#output.text(this.#head, rendering.tail);
    this.#queue ??= [];
    this.#queue.push(rendering);
    rendering.whenDone(() => this.#drain());
  }

  /** Whether it may be given more. */
  hasRoom(): boolean {
    return !this.#output.full && (this.#queue === null || this.#queue.length - this.#at < UNMADE_MAX);
  }

  /** Stops the source until there is room. */
  hold(): void {
    this.#brake();
    this.#source.hold();
  }

  /** Ends it: nothing more is shown, not even what waits. */
  return(): void {
    this.#stop();
  }

  #stop(): void {
    this.#over = true;
    this.#queue = null;
    void this.#source.return?.();
    this.#finish();
  }

  #finish(): void {
    if (!this.#ended) this.group.release();
    this.#ended = true;
    this.#settle();
  }

  #settle(): void {
    if (!this.#ended || this.#queue !== null) return;
    const tell = this.#onEnd;
    this.#onEnd = null;
    tell?.(this.#failure);
  }

  // Those that are made leave in order; one that is not holds back the rest.
  #drain(): void {
    while (!this.#judging && this.#queue !== null) {
      const next = this.#queue[this.#at] as Rendering;
      if (next.tail === null) return;
      if (next.readBeside) return void this.#judge(next);
      this.#showNext(next.tail);
    }
  }

  #showNext(tail: string): void {
    // First, for sending may make room, and room brings more.
    this.#at += 1;
    this.#output.text(this.#head, tail);
    if (this.#queue !== null && this.#at < this.#queue.length) return;
    this.#queue = null;
    this.#at = 0;
    if (this.#held) this.#release();
    this.#settle();
  }

  // It may show what came after the event, so it is for those only who are members now.
  async #judge({ tail }: Rendering): Promise<void> {
    const { isMember, forbidden, toError } = this.#deps;
    this.#judging = true;
    const refused = await isMember(this.group.roomId, this.#userId).then(
      (member) => (member ? null : forbidden()),
      (error: unknown) => toError(error),
    );
    this.#judging = false;
    // Ended meanwhile by the reader.
    if (this.#over || tail === null) return;
    if (refused) return this.#fail(refused);
    this.#showNext(tail);
    this.#drain();
  }

  #fail(error: GraphQLError): void {
    this.#failure ??= error;
    this.#stop();
  }

  #brake(): void {
    if (this.#held) return;
    this.#held = true;
    if (this.#queue === null) this.#output.whenRoom(() => this.#release());
  }

  #release(): void {
    if (this.#over) return;
    this.#held = this.#output.full;
    if (this.#held) this.#output.whenRoom(() => this.#release());
    else this.#source.resume();
  }
}
