import { useDeferredValue, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Avatar } from '../base/avatar.tsx';
import { Dialog } from '../base/dialog.tsx';
import { Icon } from '../base/icons.tsx';
import { go, roomHref } from '../base/route.ts';
import { useChosen } from '../base/use-chosen.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { useHere } from '../session/here.ts';
import { DirectoryQuery, type Membership, OpenDirectRoomMutation, PeopleQuery } from './documents.ts';
import { otherIn, roomName } from './room-name.ts';

/** How many of each to offer. */
const MOST = 7;

interface Place {
  readonly key: string;
  readonly label: string;
  readonly hint: string;
  readonly userId: string | null;
  readonly isPrivate: boolean;
  readonly open: () => void;
}

/** Goes anywhere by a few letters: the viewer's rooms, people, rooms to join. */
export default function Switcher(props: { readonly memberships: readonly Membership[]; readonly onClose: () => void }) {
  const { memberships, onClose } = props;
  const { me, toast } = useHere();
  const t = useText();
  const client = useClient();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  const [{ data: people }] = useQuery({ query: PeopleQuery, variables: { search: asked }, pause: asked === '' });
  const [{ data: rooms }] = useQuery({ query: DirectoryQuery, variables: { search: asked, after: null }, pause: asked === '' });

  const direct = async (userId: string) => {
    const { data, error } = await client.mutation(OpenDirectRoomMutation, { userId });
    if (error) toast(textOf(error));
    else if (data) go(roomHref(data.openDirectRoom.room.id));
  };
  const word = search.trim().toLowerCase();
  const mine = memberships
    .filter(({ room }) => `${roomName(room, me)} ${otherIn(room, me)?.username ?? ''}`.toLowerCase().includes(word))
    .slice(0, MOST);
  const others = new Set(memberships.map(({ room }) => otherIn(room, me)?.id));
  const places: Place[] = [
    ...mine.map(({ room }) => ({
      key: room.id,
      label: roomName(room, me),
      hint: '',
      userId: otherIn(room, me)?.id ?? null,
      isPrivate: room.kind === 'PRIVATE',
      open: () => go(roomHref(room.id)),
    })),
    ...(asked === '' ? [] : (people?.users.nodes ?? []))
      .filter(({ id }) => id !== me.id && !others.has(id))
      .slice(0, MOST)
      .map(({ id, displayName }) => ({
        key: id,
        label: displayName,
        hint: t('switcher.person'),
        userId: id,
        isPrivate: false,
        open: () => void direct(id),
      })),
    ...(asked === '' ? [] : (rooms?.rooms.nodes ?? []))
      .filter(({ id }) => !memberships.some(({ room }) => room.id === id))
      .slice(0, MOST)
      .map(({ id, name }) => ({
        key: id,
        label: name ?? '',
        hint: t('switcher.room'),
        userId: null,
        isPrivate: false,
        open: () => go(roomHref(id)),
      })),
  ];
  const pick = (place: Place) => {
    onClose();
    place.open();
  };
  const { listId, idOf, at: chosen, chooseFirst, onKey } = useChosen(places, pick);

  return (
    <Dialog title={t('switcher.title')} bare className="switcher" onClose={onClose}>
      <input
        type="search"
        role="combobox"
        aria-expanded={places.length > 0}
        aria-controls={listId}
        aria-activedescendant={places.length > 0 ? idOf(chosen) : undefined}
        aria-label={t('switcher.title')}
        placeholder={t('switcher.placeholder')}
        value={search}
        onChange={({ target }) => {
          setSearch(target.value);
          chooseFirst();
        }}
        onKeyDown={onKey}
      />
      <div className="finds">
        <div className="found" role="listbox" id={listId} aria-label={t('switcher.title')}>
          {places.map((place, at) => (
            <div
              key={place.key}
              id={idOf(at)}
              role="option"
              tabIndex={-1}
              aria-selected={at === chosen}
              onClick={() => pick(place)}
              onKeyDown={onKey}
            >
              {place.userId ? (
                <Avatar id={place.userId} name={place.label} small />
              ) : (
                <Icon name={place.isPrivate ? 'lock' : 'hash'} />
              )}
              <bdi>{place.label}</bdi> <small className="there">{place.hint}</small>
            </div>
          ))}
        </div>
        {places.length === 0 && <p className="nothing">{t('switcher.none')}</p>}
      </div>
    </Dialog>
  );
}
