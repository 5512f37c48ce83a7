import { randomBytes } from 'node:crypto';
import { readConfig } from '../../src/config.ts';
import { DomainError } from '../../src/domain/errors.ts';
import type { User } from '../../src/domain/user.ts';
import type { Store } from '../../src/ports/store.ts';
import type { ServiceSettings } from '../../src/services/deps.ts';
import { createServices, type Hasher, type Services } from '../../src/services/index.ts';
import type { Principal } from '../../src/services/principal.ts';

/** A rate nobody reaches. */
export const UNLIMITED = { perSecond: 1e6, burst: 1e6 };

/** Hashes without work, and counts. */
export function quickHasher(): Hasher & { readonly runs: () => number } {
  let runs = 0;
  const count = <T>(value: T): Promise<T> => {
    runs += 1;
    return Promise.resolve(value);
  };
  return {
    hash: (password) => count(`quick:${password}`),
    verify: (passwordHash, password) => count(passwordHash === `quick:${password}`),
    isOutdated: () => false,
    runs: () => runs,
  };
}

/** What a test wants otherwise. */
export interface Wanted {
  readonly settings?: Partial<Omit<ServiceSettings, 'limits' | 'rates'>>;
  readonly limits?: Partial<ServiceSettings['limits']>;
  readonly rates?: Partial<ServiceSettings['rates']>;
  readonly hasher?: Hasher;
}

/** Someone signed in. */
export interface Person {
  readonly viewer: Principal;
  readonly user: User;
  readonly token: string;
}

/** Text that no other test has. */
export const unique = (start: string): string => `${start}${randomBytes(6).toString('hex')}`;

/** Services over a store, with rates nobody reaches and no default room. `signUp` makes someone to do things. */
export function openServices(store: Store, wanted: Wanted = {}) {
  const config = readConfig({});
  const rates = {
    send: UNLIMITED,
    write: UNLIMITED,
    typing: UNLIMITED,
    read: UNLIMITED,
    signInAccount: UNLIMITED,
    signInAddress: UNLIMITED,
    signUpAddress: UNLIMITED,
    ...wanted.rates,
  };
  const hasher = wanted.hasher ?? quickHasher();
  const log = {
    info: () => undefined,
    warn: (facts: object, message: string) => {
      throw new Error(`${message} ${JSON.stringify(facts)}`);
    },
  };
  const settings: ServiceSettings = {
    ...config,
    defaultRoom: '',
    demo: false,
    ...wanted.settings,
    limits: { ...config.limits, ...wanted.limits },
    rates,
  };
  const services = createServices({ store, config: settings, hasher, log });
  const signUp = async (username = unique('p'), displayName = username): Promise<Person> => {
    const caller = { address: '192.0.2.1', viewer: null };
    const { token, user } = await services.auth.signUp(caller, { username, password: 'correct horse', displayName });
    return { viewer: await requireViewer(services, token), user, token };
  };
  return { services, settings, hasher, signUp };
}

async function requireViewer(services: Services, token: string): Promise<Principal> {
  const viewer = await services.auth.authenticate(token);
  if (viewer === null) throw new Error('the token just made is not known');
  return viewer;
}

/** The code, and the field or text, of the error that comes; 'ok' where none does. */
export async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error.field === undefined ? error.code : `${error.code} ${error.field}`;
  }
}
