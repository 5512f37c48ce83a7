import { createHash } from 'node:crypto';
import { type Asset, createAsset } from '../asset.ts';
import { PAGE_HEADERS } from '../web-files.ts';
import { GRAPHIQL_FETCHER } from './fetcher.ts';
import { openingTabs } from './operations.ts';

/**
 * GraphiQL as one page that needs nothing from anywhere else. 9 MB of it are loaded and compressed when first asked for. @param roomId a
 * room for the opening operations, or null
 */
export function createGraphiQL(roomId: string | null): () => Promise<Asset> {
  let page: Promise<Asset> | null = null;
  return () => {
    page ??= build(roomId);
    return page;
  };
}

async function build(roomId: string | null): Promise<Asset> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = withFetcher(
    renderGraphiQL({
      title: 'Parley',
      defaultTabs: openingTabs(roomId).map((tab) => ({ ...tab })),
      // A token typed into the headers tab is gone with the page.
      shouldPersistHeaders: false,
    }),
  );
  return createAsset(Buffer.from(html), {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'content-security-policy': policy(html),
    ...PAGE_HEADERS,
  });
}

const CALL = 'YogaGraphiQL.renderYogaGraphiQL(';

/** The page has its options written into it as JSON, which cannot hold a function: so the call is led through one of ours. */
function withFetcher(html: string): string {
  const at = html.lastIndexOf(CALL);
  if (at === -1 || html.indexOf(CALL) !== at) throw new Error('GraphiQL is not the one its page was written for.');
  return `${html.slice(0, at)}${GRAPHIQL_FETCHER}\nparleyRender(${html.slice(at + CALL.length)}`;
}

/** Only this very script, its workers, and this server. Its editor writes style elements at run time. */
function policy(html: string): string {
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
