import type { MemberRole } from '../domain/room.ts';

const ROLE = { OWNER: 'is now an owner', MODERATOR: 'is now a moderator', MEMBER: 'is now a member' } as const;

/** What system messages say, without their subject: the author of the entry, the user concerned. */
export const words = {
  created: 'created the room',
  joined: 'joined',
  addedBy: (displayName: string): string => `was added by ${displayName}`,
  left: 'left',
  removedBy: (displayName: string): string => `was removed by ${displayName}`,
  role: (role: MemberRole): string => ROLE[role],
  /** `undefined` where name or topic stays; a topic of null was taken away. */
  updated(name: string | undefined, topic: string | null | undefined): string {
    const parts: string[] = [];
    if (name !== undefined) parts.push(`renamed the room to ${name}`);
    if (topic !== undefined) parts.push(topic === null ? 'removed the topic' : `changed the topic to ${topic}`);
    return parts.join(' and ');
  },
};
