import { mentionCandidates } from '../domain/text.ts';
import type { Accounts } from '../ports/accounts.ts';

/** The ids of the users a body mentions, in order of appearance, each once. Asks the store only where there is an '@'. */
export async function findMentions(accounts: Accounts, body: string): Promise<readonly string[]> {
  const candidates = mentionCandidates(body);
  if (candidates.length === 0) return [];
  const names = [...new Set(candidates.flat())];
  const found = await accounts.idsOf(names);
  const idOf = new Map(names.map((name, index) => [name, found[index] ?? null]));
  const ids = candidates.map((readings) => readings.map((name) => idOf.get(name) ?? null).find((id) => id !== null) ?? null);
  return [...new Set(ids.filter((id) => id !== null))];
}
