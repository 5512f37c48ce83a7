import { mentionCandidates } from '../domain/text.ts';
import type { Accounts } from '../ports/accounts.ts';

const NOBODY: readonly string[] = [];

/** The ids of the users a body mentions, in order of appearance, each once. Asks the store only where there is an '@': else the answer is there at once. */
export function findMentions(accounts: Accounts, body: string): readonly string[] | Promise<readonly string[]> {
  const candidates = mentionCandidates(body);
  return candidates.length === 0 ? NOBODY : idsOf(accounts, candidates);
}

async function idsOf(accounts: Accounts, candidates: readonly (readonly string[])[]): Promise<readonly string[]> {
  const names = [...new Set(candidates.flat())];
  const found = await accounts.idsOf(names);
  const idOf = new Map(names.map((name, index) => [name, found[index] ?? null]));
  const ids = candidates.map((readings) => readings.map((name) => idOf.get(name) ?? null).find((id) => id !== null) ?? null);
  return [...new Set(ids.filter((id) => id !== null))];
}
