import { useDeferredValue, useState } from 'react';
import { useQuery } from 'urql';
import { Avatar } from '../base/avatar.tsx';
import { Bones } from '../base/bones.tsx';
import { useChosen } from '../base/use-chosen.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { useHere } from '../session/here.ts';
import { PeopleQuery, type Person } from './documents.ts';
import { PresenceDot } from './presence-dot.tsx';

const NOBODY: ReadonlySet<string> = new Set();

/** A field that finds people, and those it found. */
export function PeopleSearch(props: {
  readonly onPick: (person: Person) => void;
  /** Those who cannot be picked because they are there already. */
  readonly present?: ReadonlySet<string>;
}) {
  const { present = NOBODY } = props;
  const t = useText();
  const { me } = useHere();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  const [{ data, error, fetching }] = useQuery({ query: PeopleQuery, variables: { search: asked } });
  const people = (data?.users.nodes ?? []).filter(({ id }) => id !== me.id);
  const onPick = (person: Person) => {
    if (!present.has(person.id)) props.onPick(person);
  };
  const { listId, idOf, at: chosen, chooseFirst, onKey } = useChosen(people, onPick);
  return (
    <div className="search">
      <input
        type="search"
        role="combobox"
        aria-expanded={people.length > 0}
        aria-controls={listId}
        aria-activedescendant={people.length > 0 ? idOf(chosen) : undefined}
        aria-label={t('people.search')}
        placeholder={t('people.search')}
        value={search}
        onChange={({ target }) => {
          setSearch(target.value);
          chooseFirst();
        }}
        onKeyDown={onKey}
      />
      <div className="finds">
        <div className="found" role="listbox" id={listId} aria-label={t('people.search')} aria-busy={fetching}>
          {people.map((person, at) => (
            <div
              key={person.id}
              id={idOf(at)}
              role="option"
              tabIndex={-1}
              aria-selected={at === chosen}
              aria-disabled={present.has(person.id)}
              onClick={() => onPick(person)}
              onKeyDown={onKey}
            >
              <span className="with-dot">
                <Avatar id={person.id} name={person.displayName} small />
                <PresenceDot userId={person.id} />
              </span>
              <bdi>{person.displayName}</bdi> <small>@{person.username}</small>
              {person.isBot && <small className="tag">{t('people.bot')}</small>}
              {present.has(person.id) && <small className="there">{t('people.present')}</small>}
            </div>
          ))}
        </div>
        {!data && !error && <Bones as="div" className="found-bone" count={6} />}
        {error && people.length === 0 && (
          <p role="alert" className="fault">
            {textOf(error)}
          </p>
        )}
        {data && people.length === 0 && asked !== '' && <p className="nothing">{t('people.none', { search: asked })}</p>}
      </div>
    </div>
  );
}
