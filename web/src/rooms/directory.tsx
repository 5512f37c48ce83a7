import { useDeferredValue, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { Icon } from '../base/icons.tsx';
import { go, HOME_HREF, roomHref } from '../base/route.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { DirectoryQuery, JoinRoomMutation, type ListedRoom } from './documents.ts';

/** The public rooms, to search and to join. */
export default function Directory({ joined }: { readonly joined: ReadonlySet<string> }) {
  const t = useText();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  return (
    <section className="room directory" aria-label={t('directory.title')}>
      <header className="bar">
        <a className="icon-button back" href={HOME_HREF} aria-label={t('rooms.back')}>
          <Icon name="back" />
        </a>
        <h1>{t('directory.title')}</h1>
      </header>
      <div className="directory-body">
        <input
          type="search"
          aria-label={t('directory.search')}
          placeholder={t('directory.search')}
          value={search}
          maxLength={100}
          onChange={({ target }) => setSearch(target.value)}
        />
        <ul className="cards">
          <Page key={asked} search={asked} after={null} joined={joined} />
        </ul>
      </div>
    </section>
  );
}

function Page(props: { readonly search: string; readonly after: string | null; readonly joined: ReadonlySet<string> }) {
  const { search, after, joined } = props;
  const t = useText();
  const [more, setMore] = useState(false);
  const [{ data, error }] = useQuery({ query: DirectoryQuery, variables: { search, after }, requestPolicy: 'cache-and-network' });
  if (!data) {
    if (!error) return <Bones />;
    return (
      <li role="alert" className="fault">
        {textOf(error)}
      </li>
    );
  }
  const { nodes, pageInfo } = data.rooms;
  return (
    <>
      {after === null && nodes.length === 0 && (
        <li className="blank">
          <Icon name="compass" />
          <p>{search === '' ? t('directory.empty') : t('directory.none', { search })}</p>
        </li>
      )}
      {nodes.map((room) => (
        <Card key={room.id} room={room} joined={joined.has(room.id)} />
      ))}
      {pageInfo.hasNextPage &&
        (more ? (
          <Page search={search} after={pageInfo.endCursor} joined={joined} />
        ) : (
          <li>
            <button type="button" className="button" onClick={() => setMore(true)}>
              {t('directory.more')}
            </button>
          </li>
        ))}
    </>
  );
}

function Bones() {
  return (
    <>
      {['a', 'b', 'c'].map((key) => (
        <li key={key} className="card bone long" aria-hidden="true">
          <span />
          <span />
        </li>
      ))}
    </>
  );
}

function Card({ room, joined }: { readonly room: ListedRoom; readonly joined: boolean }) {
  const t = useText();
  const client = useClient();
  const [fault, setFault] = useState<string | null>(null);
  const name = room.name ?? t('rooms.fallback');
  const join = async () => {
    const { error } = await client.mutation(JoinRoomMutation, { roomId: room.id });
    if (error) setFault(textOf(error));
    else go(roomHref(room.id));
  };
  return (
    <li className="card">
      <div className="card-text">
        <h2 dir="auto">
          <Icon name="hash" /> {name}
        </h2>
        {room.topic && <p dir="auto">{room.topic}</p>}
        <small>{t('room.members', { count: room.memberCount })}</small>
        {fault && (
          <p role="alert" className="fault">
            {fault}
          </p>
        )}
      </div>
      {joined ? (
        <a className="button" href={roomHref(room.id)} aria-label={t('directory.openRoom', { room: name })}>
          {t('directory.open')}
        </a>
      ) : (
        <button type="button" className="button primary" aria-label={t('directory.joinRoom', { room: name })} onClick={join}>
          {t('directory.join')}
        </button>
      )}
    </li>
  );
}
