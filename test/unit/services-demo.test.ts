import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/ports/store.ts';
import { DEMO_PASSWORD } from '../../src/services/demo.ts';
import { createEmbeddedStore } from '../../src/store/embedded/index.ts';
import { openServices, outcome } from '../support/services.ts';
import { createStrictLog, temporaryDirectory } from '../support/stores.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'];

// On stores of their own: the demo's names are the same everywhere.
describe('demo data', () => {
  let dataDir: string;
  let store: Store;
  beforeEach(async () => {
    dataDir = await temporaryDirectory();
    store = await createEmbeddedStore({ dataDir, log: createStrictLog() });
  });
  afterEach(async () => {
    await store.close();
    await rm(dataDir, { recursive: true });
  });

  const open = (over: Store, defaultRoom = 'General') => openServices(over, { settings: { demo: true, defaultRoom } });

  async function seen({ services }: ReturnType<typeof open>) {
    const caller = { address: '', viewer: null };
    const { token } = await services.auth.signIn(caller, { username: 'alice', password: DEMO_PASSWORD });
    const viewer = await services.auth.authenticate(token);
    const loaders = services.loaders();
    const { edges } = await services.reading.memberships(viewer, loaders, {});
    const rooms = await store.rooms.get(edges.map(({ node }) => node.roomId));
    const pages = await Promise.all(rooms.map((room) => services.messages.page(loaders, room?.id ?? '', {})));
    return {
      rooms: rooms.map((room) => [room?.kind, room?.name, room?.memberCount]).sort(),
      texts: pages.flatMap(({ edges: all }) => all.filter(({ node }) => node.kind === 'TEXT')).length,
    };
  }

  const WHOLE = {
    rooms: [
      ['DIRECT', null, 2],
      ['DIRECT', null, 2],
      ['PUBLIC', 'General', 4],
    ],
    texts: 7,
  };

  it('is made once', async () => {
    const all = open(store);
    await all.services.prepare();
    expect(await seen(all)).toEqual(WHOLE);
    await all.services.prepare();
    expect(await seen(all)).toEqual(WHOLE);
    for (const username of NAMES) {
      expect(await outcome(all.services.auth.signIn({ address: '', viewer: null }, { username, password: DEMO_PASSWORD }))).toBe(
        'ok',
      );
    }
  });

  it('is made once by many processes that start at once', async () => {
    await Promise.all([open(store), open(store), open(store)].map(({ services }) => services.prepare()));
    expect(await seen(open(store))).toEqual(WHOLE);
  });

  it('needs no default room', async () => {
    const all = open(store, '');
    await all.services.prepare();
    expect(await seen(all)).toEqual(WHOLE);
  });

  it('is taken up where a start broke off, after whatever step', async () => {
    for (let allowed = 1; ; allowed += 4) {
      let left = allowed;
      const breaking = <T extends object>(port: T): T =>
        new Proxy(port, {
          get(target, key) {
            const value: unknown = Reflect.get(target, key);
            if (typeof value !== 'function') return value;
            return (...args: unknown[]) => {
              left -= 1;
              if (left < 0) throw new Error('killed');
              return Reflect.apply(value, target, args);
            };
          },
        });
      const { accounts, timeline, rooms, memberships, joinedRooms, directory } = store;
      const broken: Store = {
        ...store,
        accounts: breaking(accounts),
        timeline: breaking(timeline),
        rooms: breaking(rooms),
        memberships: breaking(memberships),
        joinedRooms: breaking(joinedRooms),
        directory: breaking(directory),
      };
      await Promise.resolve(open(broken).services.prepare()).catch(() => undefined);
      await open(store).services.prepare();
      expect(await seen(open(store))).toEqual(WHOLE);
      if (left >= 0) break;
      await store.close();
      await rm(dataDir, { recursive: true });
      store = await createEmbeddedStore({ dataDir, log: createStrictLog() });
    }
  });

  it('touches nothing where one of the names is someone’s own', async () => {
    const all = open(store);
    await openServices(store).signUp('Alice');
    await all.services.prepare();
    expect(await store.accounts.byUsername(NAMES)).toEqual([expect.objectContaining({ username: 'Alice' }), null, null, null]);
  });
});
