import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../context.ts';

/**
 * An event may be executed long after it happened, and the viewer removed meanwhile. So what a subscription reads beside the event itself is judged when it is
 * read, or told to those who judge each reader of a shared result; queries and mutations were judged where the room came in. Throws NOT_FOUND.
 */
export async function requireStillReadable(roomId: string, context: Context, info: GraphQLResolveInfo): Promise<void> {
  if (info.operation.operation !== 'subscription') return;
  if (context.room?.id === roomId) return context.room.readBeside();
  await context.services.rooms.read(context.viewer, context.loaders, roomId);
}
