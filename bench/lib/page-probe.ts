import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';

/** One picture of the page. */
const frame = z.object({
  /** When it was drawn at the latest, ms since 1970. */
  at: z.number(),
  /** The highest number that a message on it has; 0 of none. */
  newest: z.number(),
  /** Elements in the room's log. */
  elements: z.number(),
});
const seen = z.object({
  frames: z.array(frame),
  /** How long each task of the page's thread took that took 50 ms or more, ms. */
  longTasks: z.array(z.number()),
});

/** What a page did between `start` and `stop`. */
export type Seen = z.infer<typeof seen>;

/** Looks at a room on a page, once per frame. */
export interface PageProbe {
  start(): Promise<void>;
  /** Waits until the message of that number is drawn. */
  stop(last: number): Promise<Seen>;
}

/** Puts a probe into a page. Before the page is loaded. */
export async function createPageProbe(page: Page): Promise<PageProbe> {
  await page.addInitScript(observe);
  return {
    start: () => page.evaluate(() => Reflect.get(window, 'probe').start()),
    async stop(last) {
      await page.waitForFunction((number) => Reflect.get(window, 'probe').newest() >= number, last, { polling: 'raf' });
      return seen.parse(await page.evaluate(() => Reflect.get(window, 'probe').stop()));
    },
  };
}

const trace = z.object({
  traceEvents: z.array(
    z.object({
      ph: z.string(),
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      tdur: z.number().optional(),
      args: z.unknown(),
    }),
  ),
});

/** Runs `work` and resolves with how much CPU the costliest task of the page's thread took meanwhile, ms: less than it lasted where the machine was busy. */
export async function costliestTask(browser: Browser, page: Page, work: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await work();
  const { traceEvents } = trace.parse(JSON.parse((await browser.stopTracing()).toString()));
  const ofPages = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && JSON.stringify(args).includes('CrRendererMain'))
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const costs = traceEvents.filter(({ ph, pid, tid }) => ph === 'X' && ofPages.has(`${pid} ${tid}`)).map(({ tdur = 0 }) => tdur);
  return costs.reduce((most, cost) => Math.max(most, cost), 0) / 1000;
}

/** Runs in the page. What stands in the document when a frame begins was drawn by the one before. */
function observe(): void {
  let frames: { at: number; newest: number; elements: number }[] = [];
  let longTasks: number[] = [];
  let on = false;
  const take = (entries: readonly PerformanceEntry[]) => longTasks.push(...entries.map(({ duration }) => duration));
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({ type: 'longtask' });

  const log = () => document.querySelector('[role=log]');
  const newest = () => {
    const found = [...(log()?.textContent ?? '').matchAll(/\(No (\d+)\)/g)];
    return found.reduce((most, [, number]) => Math.max(most, Number(number)), 0);
  };
  const look = () => {
    if (!on) return;
    const at = performance.timeOrigin + performance.now();
    frames.push({ at, newest: newest(), elements: log()?.getElementsByTagName('*').length ?? 0 });
    requestAnimationFrame(look);
  };
  const probe = {
    newest,
    start() {
      observer.takeRecords();
      [on, frames, longTasks] = [true, [], []];
      look();
    },
    stop() {
      on = false;
      take(observer.takeRecords());
      return { frames, longTasks };
    },
  };
  Object.assign(window, { probe });
}

/**
 * Walks up through a room's log as a reader does and collects the numbers of its messages, until that of the first one comes. Throws where a
 * picture shows them out of order or one twice.
 */
export async function walkUp(page: Page, first: number): Promise<ReadonlySet<number>> {
  const found = await page.evaluate(async (end) => {
    const numbers = new Set<number>();
    const log = document.querySelector('[role=log]');
    const steps = 5000;
    for (let step = 0; log && step < steps && !numbers.has(end); step += 1) {
      const shown = [...(log.textContent ?? '').matchAll(/\(No (\d+)\)/g)].map(([, number]) => Number(number));
      if (shown.some((number, at) => number <= (shown[at - 1] ?? 0))) throw new Error(`out of order: ${shown}`);
      for (const number of shown) numbers.add(number);
      log.scrollBy(0, -0.7 * log.clientHeight);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return [...numbers];
  }, first);
  return new Set(found);
}
