import { badInput } from '../../domain/errors.ts';
import { byCodePoints, searchForms, sortForm } from '../../domain/text.ts';
import type { Directory, DirectoryEntry, DirectoryName } from '../../ports/directory.ts';
import type { Embedded } from './database.ts';
import { under } from './tables.ts';

/** A place in one of the two orders: behind this form and id. */
type Place = readonly [form: string, id: string];

export function createDirectory(store: Embedded): Directory {
  const { tables } = store;

  function take(directory: DirectoryName, id: string): void {
    const filed = tables.filed.get([directory, id]);
    if (!filed) return;
    tables.filed.removeSync([directory, id]);
    tables.sorted.removeSync([directory, filed.sorted, id]);
    for (const form of filed.forms) tables.found.removeSync([directory, form, id]);
  }

  /** The rows behind a place, of those that match: each id at the first of its forms that does. */
  function* rows(directory: DirectoryName, prefix: string, after: Place | null): Generator<DirectoryEntry> {
    const from = after && byCodePoints(after[0], prefix) >= 0 ? after : [prefix];
    const range = { ...under(directory), start: [directory, ...from], exclusiveStart: from === after };
    for (const [, form, id] of (prefix === '' ? tables.sorted : tables.found).getKeys(range)) {
      if (!form.startsWith(prefix)) return;
      const filed = tables.filed.get([directory, id]);
      const first = prefix === '' || filed?.forms.find((each) => each.startsWith(prefix)) === form;
      if (filed && first) yield { id, name: filed.name, cursor: toPlaceCursor([form, id]) };
    }
  }

  return {
    put: (directory, { id, name, alsoKnownAs }) =>
      store.write(() => {
        take(directory, id);
        const filed = { name, sorted: sortForm(name), forms: searchForms(name, alsoKnownAs) };
        tables.filed.putSync([directory, id], filed);
        tables.sorted.putSync([directory, filed.sorted, id], 0);
        for (const form of filed.forms) tables.found.putSync([directory, form, id], 0);
      }),

    remove: (directory, id) => store.write(() => take(directory, id)),

    list: (directory, { search, after, limit }) =>
      store.read(() => {
        const place = after === null ? null : parsePlace(after);
        const entries: DirectoryEntry[] = [];
        for (const entry of rows(directory, sortForm(search ?? ''), place)) {
          if (entries.length === limit) return { entries, hasMore: true };
          entries.push(entry);
        }
        return { entries, hasMore: false };
      }),
  };
}

const toPlaceCursor = (place: Place): string => Buffer.from(JSON.stringify(place)).toString('base64url');

const FORM_MAX = 200;

function parsePlace(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(place) && place.length === 2) {
      const [form, id]: unknown[] = place;
      // Longer ones were never handed out, and are no keys.
      if (typeof form === 'string' && typeof id === 'string' && form.length <= FORM_MAX && id.length <= FORM_MAX)
        return [form, id];
    }
  } catch {
    // Not JSON: as unreadable as any other.
  }
  throw badInput('after', 'Is no cursor of this list.');
}
