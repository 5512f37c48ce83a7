import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { answer, type Exchange } from './exchange.ts';

/** A file held in memory, served compressed where that helps and not at all where the browser has it. */
export interface Asset {
  serve(exchange: Exchange): Promise<void>;
}

/** What goes with a file. */
export interface AssetHeaders {
  readonly 'content-type': string;
  readonly 'cache-control': string;
  readonly [name: string]: string;
}

type Encoding = 'br' | 'gzip' | 'identity';

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);
// The best level would take half a minute for GraphiQL, this one a quarter of a second for 5 % more bytes.
const QUALITY = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const COMPRESSIBLE = /^(text\/|application\/(javascript|json|manifest\+json)|image\/svg\+xml)/;

/** Compresses at the first request that wants it, once. */
export function createAsset(body: Buffer, headers: AssetHeaders): Asset {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  const bodies = new Map<Encoding, Promise<Buffer>>();

  function bodyIn(encoding: Encoding): Promise<Buffer> {
    const before = bodies.get(encoding);
    if (before !== undefined) return before;
    const made = encoding === 'br' ? brotli(body, QUALITY) : encoding === 'gzip' ? zip(body) : Promise.resolve(body);
    bodies.set(encoding, made);
    return made;
  }

  return {
    async serve(exchange) {
      const { request } = exchange;
      const common = { ...headers, etag, vary: 'accept-encoding, origin' };
      if (request.method !== 'GET' && request.method !== 'HEAD') return answer(exchange, 405, { allow: 'GET, HEAD' });
      if (request.headers['if-none-match'] === etag) return answer(exchange, 304, common);
      const encoding = COMPRESSIBLE.test(headers['content-type']) ? preferred(request.headers['accept-encoding']) : 'identity';
      answer(
        exchange,
        200,
        encoding === 'identity' ? common : { ...common, 'content-encoding': encoding },
        await bodyIn(encoding),
      );
    },
  };
}

function preferred(accepted: string | string[] | undefined): Encoding {
  const offered = String(accepted ?? '')
    .split(',')
    .filter((part) => !/;\s*q=0(\.0*)?\s*$/.test(part))
    .map((part) => part.split(';')[0]?.trim());
  return offered.includes('br') ? 'br' : offered.includes('gzip') ? 'gzip' : 'identity';
}
