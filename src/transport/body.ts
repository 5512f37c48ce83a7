import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { refusal } from './refusal.ts';

/** The body as text. Rejects with a TOO_LARGE refusal as soon as it is over `limit` bytes, with a BAD_USER_INPUT one where it is not UTF-8. */
export function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () => refusal('TOO_LARGE', `The request is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // What comes after that is read off and dropped, for the request timeout at most: else the refusal would not get out.
      if (size > limit) reject(tooLarge());
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const [first = Buffer.alloc(0)] = chunks;
      const body = chunks.length > 1 ? Buffer.concat(chunks) : first;
      if (isUtf8(body)) resolve(textOf(body));
      else reject(refusal('BAD_USER_INPUT', 'The request is not UTF-8 text.'));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('The request was cut off.'));
    });
  });
}

// A byte order mark says nothing in UTF-8.
const textOf = (body: Buffer): string => body.toString('utf8', body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);

/** Whether the request says it carries JSON in UTF-8, plain: what a page of another origin cannot send without asking first. */
export function isJson(request: IncomingMessage): boolean {
  if (request.headers['content-encoding'] !== undefined) return false;
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  return type.trim() === 'application/json' && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}
