import { createHash, randomBytes } from 'node:crypto';

const TOKEN = /^(u[0-9a-z]{15})\.[A-Za-z0-9_-]{43}$/;

/** A new session token: the user's id and 256 random bits. Shown once; only its hash is kept. */
export const newToken = (userId: string): string => `${userId}.${randomBytes(32).toString('base64url')}`;

/** A new public handle of a session. */
export const newSessionId = (): string => randomBytes(8).toString('hex');

/** What the store knows a token by: the SHA-256 of all of it, hex. */
export const hashToken = (token: string): string => createHash('sha256').update(token).digest('hex');

/** The user a token says it is for, or null where the text is no token. Proves nothing. */
export const tokenUser = (token: string): string | null => TOKEN.exec(token)?.[1] ?? null;
