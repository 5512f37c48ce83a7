import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Asset, createAsset } from './asset.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

/** What the web page may do: run its own files, talk to this server, nothing else. */
const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: https:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers that every page of this server has. */
export const PAGE_HEADERS = {
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/**
 * The built web page, by path: `/` and every file of the folder. Read once, so that no request ever names a file. Empty where there is no
 * such folder.
 */
export async function readWebFiles(folder: string): Promise<ReadonlyMap<string, Asset>> {
  const files = new Map<string, Asset>();
  for (const entry of await entriesOf(folder)) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const route = `/${path.relative(folder, file).split(path.sep).join('/')}`;
    const asset = createAsset(await readFile(file), {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      // The bundler puts a hash of the content into the names below /assets/.
      'cache-control': route.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      'content-security-policy': POLICY,
      ...PAGE_HEADERS,
    });
    files.set(route, asset);
    if (route === '/index.html') files.set('/', asset);
  }
  return files;
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
