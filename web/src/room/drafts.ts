import { keep, recall } from '../base/keep.ts';

const nameOf = (userId: string, roomId: string): string => `draft:${userId}:${roomId}`;

/** What the user was writing in that room. */
export const draftOf = (userId: string, roomId: string): string => recall(nameOf(userId, roomId)) ?? '';

/** Keeps it; empty forgets. */
export const keepDraft = (userId: string, roomId: string, text: string): void => keep(nameOf(userId, roomId), text || null);
