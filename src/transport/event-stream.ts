import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';

/** One subscription over HTTP: server-sent events as graphql-sse's "distinct connections" mode has them. */
export interface EventStream {
  /** Keeps proxies from taking an idle stream for a dead one. */
  ping(): void;
  /** Ends it with this last result, as the operation's own end. */
  finish(last: ExecutionResult): void;
  /** Ends it as a broken connection, after which clients come back. */
  cut(): void;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // Proxies such as nginx would hold events back.
  'x-accel-buffering': 'no',
};

/**
 * Writes results as they come. The next is pulled when the one before has left for the network, so that a slow reader's backlog is the
 * source's, where it is bounded. The source is ended as soon as the reader has gone. `onClose` is called once.
 * Takes a response that is still open.
 */
export function streamResults(
  response: ServerResponse,
  headers: Readonly<Record<string, string | string[]>>,
  results: AsyncIterableIterator<ExecutionResult>,
  onClose: () => void,
): EventStream {
  let open = true;
  let flushed: (() => void) | null = null;

  const wake = () => {
    flushed?.();
    flushed = null;
  };
  const write = (text: string): Promise<void> | undefined => {
    if (!open || response.write(text)) return undefined;
    return new Promise((resolve) => {
      flushed = resolve;
    });
  };
  const end = () => {
    if (!open) return;
    write('event: complete\ndata:\n\n');
    open = false;
    response.end();
  };

  response.on('drain', wake);
  response.once('close', () => {
    open = false;
    wake();
    onClose();
    void results.return?.();
  });

  async function pump(): Promise<void> {
    for await (const result of results) {
      if (!open) return;
      await write(`event: next\ndata: ${JSON.stringify(result)}\n\n`);
    }
    end();
  }

  response.writeHead(200, { ...headers, ...HEADERS });
  write(':\n\n');
  pump().catch(() => response.destroy());

  return {
    ping() {
      // One that does not read is found out by its queue, not by pings piling up.
      if (!response.writableNeedDrain) write(':\n\n');
    },
    finish(last) {
      write(`event: next\ndata: ${JSON.stringify(last)}\n\n`);
      end();
      void results.return?.();
    },
    cut() {
      response.destroy();
    },
  };
}
