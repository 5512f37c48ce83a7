import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire between a client and a server on which things go wrong when told to. */
export interface TcpProxy {
  readonly port: number;
  /** Open connections. */
  readonly connections: number;
  /** Cuts every connection, both sides. */
  cut(): void;
  /**
   * From now on lets requests through, and `first` pieces of answers; then it cuts every connection on which an answer comes: done, but nobody
   * knows. Until `mend`.
   */
  cutAnswers(first?: number): void;
  /** From now on cuts a connection when the answer comes to a request with these words in it. Until `mend`. */
  cutAnswerTo(words: string): void;
  /** From now on lets nothing through, without closing anything: the other end is gone without a word. Until `mend`. */
  stall(): void;
  /** Lets nothing through any more on the connections there are, without closing them; new ones work. */
  strand(): void;
  /** From now on accepts no connection, and cuts those there are. Until `mend`. */
  refuse(): void;
  /** As at the start. What was stalled is cut. */
  mend(): void;
  close(): Promise<void>;
}

type Mode = 'open' | 'cut-answers' | 'stalled' | 'refusing';

/** Starts a proxy on a free port to a port of this machine. */
export async function startProxy(target: number): Promise<TcpProxy> {
  let mode: Mode = 'open';
  let answersLeft = 0;
  let marked: string | null = null;
  const pairs = new Set<readonly [Socket, Socket]>();
  let stranded: ReadonlySet<readonly [Socket, Socket]> = new Set();

  const server = createServer((client) => {
    if (mode === 'refusing') return void client.destroy();
    const upstream = connect({ port: target, host: '127.0.0.1' });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of pair)
      socket
        .setNoDelay(true)
        .on('error', () => undefined)
        .on('close', end);
    client.pause();
    upstream.on('connect', () => client.resume());
    let doomed = false;
    client.on('data', (data) => {
      if (marked !== null && data.includes(marked)) doomed = true;
      if (mode !== 'stalled' && !stranded.has(pair)) upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (doomed) client.resetAndDestroy();
      else if (mode === 'cut-answers' && answersLeft-- <= 0) client.resetAndDestroy();
      else if (mode !== 'stalled' && !stranded.has(pair)) client.write(data);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const cut = () => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    cut,
    cutAnswers(first = 0) {
      mode = 'cut-answers';
      answersLeft = first;
    },
    cutAnswerTo(words) {
      marked = words;
    },
    stall() {
      mode = 'stalled';
    },
    strand() {
      stranded = new Set(pairs);
    },
    refuse() {
      mode = 'refusing';
      cut();
    },
    mend() {
      if (mode === 'stalled') cut();
      mode = 'open';
      marked = null;
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
