import type { IncomingMessage } from 'node:http';
import { refusal } from './refusal.ts';

/** The body as text. Throws a TOO_LARGE refusal as soon as it is over `limit` bytes, a BAD_USER_INPUT one where it is not UTF-8. */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const tooLarge = () => refusal('TOO_LARGE', `The request is larger than ${limit} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  // Without this, leaving the loop would cut the connection before the refusal is out; Node reads off the rest, for the request timeout at most.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!(chunk instanceof Buffer)) continue;
    size += chunk.length;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw refusal('BAD_USER_INPUT', 'The request is not UTF-8 text.');
  }
}

/** Whether the request says it carries JSON in UTF-8, plain: what a page of another origin cannot send without asking first. */
export function isJson(request: IncomingMessage): boolean {
  if (request.headers['content-encoding'] !== undefined) return false;
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((part) => part.trim()).find((part) => part.startsWith('charset='));
  return type.trim() === 'application/json' && (charset === undefined || /^charset="?utf-?8"?$/.test(charset));
}
