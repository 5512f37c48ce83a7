import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Who is at the other end of a request, as far as can be believed. */
export interface Peer {
  /** What limits count by: an IPv4 address, or the /64 network of an IPv6 one (what one household or server gets). */
  readonly address: string;
  /** Whether the browser speaks https, to this process or to the trusted proxy. */
  readonly https: boolean;
  /** The origin this process has for the browser, e.g. `https://chat.example.org`. */
  readonly origin: string;
}

/** Reads the peer off a request behind `proxies` trusted proxies, each of which appends to the X-Forwarded headers. */
export function peerOf(request: IncomingMessage, proxies: number): Peer {
  const https = 'encrypted' in request.socket || forwarded(request, 'x-forwarded-proto', proxies) === 'https';
  const reported = forwarded(request, 'x-forwarded-for', proxies);
  const direct = request.socket.remoteAddress ?? '';
  return {
    address: network(reported !== null && isIP(reported) !== 0 ? reported : direct),
    https,
    origin: `${https ? 'https' : 'http'}://${request.headers.host ?? ''}`,
  };
}

/** What the farthest trusted proxy wrote. What stands before it came from outside and may be made up. */
function forwarded(request: IncomingMessage, name: string, proxies: number): string | null {
  if (proxies === 0) return null;
  const header = request.headers[name];
  const values = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((value) => value.trim());
  return values.at(-proxies) ?? values[0] ?? null;
}

// Each of a connection's requests asks, and behind a proxy those of all.
let lastAddress = '';
let lastNetwork = '';

/** The unit limits count by. */
export function network(address: string): string {
  if (address !== lastAddress) {
    lastNetwork = readNetwork(address);
    lastAddress = address;
  }
  return lastNetwork;
}

function readNetwork(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  const [left = '', right] = plain.toLowerCase().split('::');
  const groups = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  // An IPv4 part stands for two groups.
  const missing = 8 - groups.length - tail.length - (plain.includes('.') ? 1 : 0);
  const all = right === undefined ? groups : [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...tail];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
