import { memo } from 'react';

/** How many colours there are; base.css has them. */
const COLOURS = 8;

/** A user's initials on a colour of their own. Beside the name, so it says nothing itself. */
export const Avatar = memo(function Avatar(props: { readonly id: string; readonly name: string; readonly small?: boolean }) {
  return (
    <span className={props.small ? 'avatar small' : 'avatar'} data-colour={colourOf(props.id)} aria-hidden="true">
      {initialsOf(props.name)}
    </span>
  );
});

function colourOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return sum % COLOURS;
}

/** The first letters of the first and the last word. */
export function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => /[\p{L}\p{N}]/u.exec(word ?? '')?.[0] ?? '',
  );
  return letters.join('').toUpperCase() || '?';
}
