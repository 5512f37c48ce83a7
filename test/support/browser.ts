import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromium as chromiumPath } from '../../scripts/chromium.mjs';

/** How long the page may take for one step. Less than a test may take, so that the step that hangs is named. */
const PATIENCE_MS = 15_000;

/** One person at a screen of their own: nothing is shared with another visitor. */
export interface Visitor {
  readonly page: Page;
  /** What went wrong on the pages so far: errors of scripts, dialogs, breaches of the content security policy, messages on the error console. */
  readonly faults: readonly string[];
  /** Addresses the pages asked for that are not on their own origin. */
  readonly foreign: readonly string[];
  close(): Promise<void>;
}

/** A real Chromium, without a window. The caller closes it. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: await chromiumPath(),
    // All that would go out to the network by itself is off.
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}

/** Opens `url` for a new visitor, who brings no cookies. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  const foreign: string[] = [];
  const { host } = new URL(url);
  // Every tab of the visitor, also those opened later.
  context.on('page', (tab) => {
    tab.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    tab.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    tab.on('console', (message) => {
      // A server that is away for a while is no fault of the page.
      if (
        message.type() === 'error' &&
        !/net::ERR_(CONNECTION|SOCKET|EMPTY|INTERNET)_|WebSocket connection to/.test(message.text())
      )
        faults.push(message.text());
    });
    tab.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== host) foreign.push(socket.url());
    });
  });
  context.on('request', (request) => {
    const asked = new URL(request.url());
    if (/^(https?|wss?):$/.test(asked.protocol) && asked.host !== host) foreign.push(asked.href);
  });
  await context.addInitScript(() => {
    // Told aloud, so that the console above hears of it.
    addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.effectiveDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`),
    );
  });
  const page = await context.newPage();
  await page.goto(url);
  return { page, faults, foreign, close: () => context.close() };
}
