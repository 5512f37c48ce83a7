import { useDeferredValue, useState } from 'react';
import { useClient, useQuery } from 'urql';
import { BackLink } from '../base/back-link.tsx';
import { Bones } from '../base/bones.tsx';
import { Icon } from '../base/icons.tsx';
import { go, roomHref } from '../base/route.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { LinkStrip } from '../room/link-strip.tsx';
import { DirectoryQuery, JoinRoomMutation, type ListedRoom } from './documents.ts';

/** The public rooms, to search and to join. */
export default function Directory({ joined, onCreate }: { readonly joined: ReadonlySet<string>; readonly onCreate: () => void }) {
  const t = useText();
  const [search, setSearch] = useState('');
  const asked = useDeferredValue(search.trim());
  return (
    <section className="room directory" aria-label={t('directory.title')}>
      <header className="bar">
        <BackLink />
        <h1>{t('directory.title')}</h1>
      </header>
      <LinkStrip />
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
          <Page key={asked} search={asked} after={null} joined={joined} onCreate={onCreate} />
        </ul>
      </div>
    </section>
  );
}

function Page(props: {
  readonly search: string;
  readonly after: string | null;
  readonly joined: ReadonlySet<string>;
  readonly onCreate: () => void;
}) {
  const { search, after, joined, onCreate } = props;
  const t = useText();
  const [more, setMore] = useState(false);
  const [{ data, error, fetching }, ask] = useQuery({
    query: DirectoryQuery,
    variables: { search, after },
    requestPolicy: 'cache-and-network',
  });
  if (!data) {
    if (!error || fetching) return <Bones as="li" className="card" count={6} twoLines />;
    return (
      <li className="blank" role="alert">
        <Icon name="offline" />
        <p>{textOf(error)}</p>
        <button type="button" className="button" onClick={() => ask({ requestPolicy: 'network-only' })}>
          {t('error.retry')}
        </button>
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
          <button type="button" className="button" onClick={onCreate}>
            {t('rooms.new')}
          </button>
        </li>
      )}
      {nodes.map((room) => (
        <Card key={room.id} room={room} joined={joined.has(room.id)} />
      ))}
      {pageInfo.hasNextPage &&
        (more ? (
          <Page search={search} after={pageInfo.endCursor} joined={joined} onCreate={onCreate} />
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
        <h2>
          <Icon name="hash" /> <bdi>{name}</bdi>
        </h2>
        {room.topic && (
          <p>
            <bdi>{room.topic}</bdi>
          </p>
        )}
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
