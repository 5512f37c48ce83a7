import { badInput } from '../../domain/errors.ts';
import { searchForms, sortForm } from '../../domain/text.ts';
import type { Directory } from '../../ports/directory.ts';
import type { Parts } from './parts.ts';
import { asText, rows } from './reply.ts';

/** Names in sorted sets without scores, so in the order of their bytes: {dir:NAME}:names for lists, :words for search. */
export function createDirectory({ scripts }: Parts): Directory {
  return {
    async put(directory, { id, name, alsoKnownAs }) {
      const forms = searchForms(name, alsoKnownAs).map(withoutNul);
      await scripts.fileName(directory, id, { name, sorted: withoutNul(sortForm(name)), forms });
    },
    async remove(directory, id) {
      await scripts.fileName(directory, id, null);
    },
    async list(directory, { search, after, limit }) {
      const found = await scripts.listNames(directory, withoutNul(sortForm(search ?? '')), parseCursor(after), limit + 1);
      const entries = rows(found, 3).map(([id, name, member]) => ({
        id: asText(id),
        name: asText(name),
        cursor: Buffer.from(asText(member)).toString('base64url'),
      }));
      return { entries: entries.slice(0, limit), hasMore: entries.length > limit };
    },
  };
}

// A NUL parts text and id. No name has one; a search may.
const withoutNul = (text: string): string => text.replaceAll('\0', '');

/** The cursor is the member it stands behind. */
function parseCursor(cursor: string | null): string {
  if (cursor === null) return '';
  const member = Buffer.from(cursor, 'base64url').toString();
  const readable = /^[\w-]+$/.test(cursor) && member.includes('\0') && !member.includes('\ufffd');
  if (!readable) throw badInput('after', 'Is no cursor of this list.');
  return member;
}
