import type { Clock } from '../domain/clock.ts';

/** Holds each address to a share of this process's time, for work that a client can cause without being anybody. */
export interface Budget {
  /** ms until that address may cause more; 0 where it may now. */
  wait(address: string): number;
  /** Charges it with what its work took. */
  spend(address: string, ms: number): void;
}

/** What an address may use: this much at once, and this much of every second. */
export interface BudgetOptions {
  readonly burstMs: number;
  readonly perSecondMs: number;
}

// Those who owe nothing any more are forgotten when there are this many.
const MANY = 10_000;

/** Budgets of one process: it is this process's time that is at stake. */
export function createBudget(clock: Clock, { burstMs, perSecondMs }: BudgetOptions): Budget {
  const debts = new Map<string, { readonly ms: number; readonly at: number }>();

  function debtOf(address: string): number {
    const debt = debts.get(address);
    if (debt === undefined) return 0;
    return Math.max(0, debt.ms - ((clock.now() - debt.at) / 1000) * perSecondMs);
  }

  return {
    wait: (address) => Math.max(0, Math.ceil(((debtOf(address) - burstMs) / perSecondMs) * 1000)),
    spend(address, ms) {
      debts.set(address, { ms: debtOf(address) + ms, at: clock.now() });
      if (debts.size > MANY) for (const each of debts.keys()) if (debtOf(each) === 0) debts.delete(each);
    },
  };
}
