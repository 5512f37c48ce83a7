import { useText } from '../i18n/text.ts';
import { listOf } from '../i18n/times.ts';
import type { Message } from '../room/documents.ts';

type Reaction = Message['reactions'][number];

/** Whether the viewer reacted so, as far as the users told of say. */
export const reactedBy = (reaction: Reaction, meId: string): boolean => reaction.users.some(({ id }) => id === meId);

/** The emoji under a message. A click adds one's own, or takes it back. */
export function Reactions(props: {
  readonly message: Message;
  readonly meId: string;
  readonly mine: (emoji: string) => boolean;
  readonly onToggle: (emoji: string) => void;
}) {
  const t = useText();
  return (
    <div className="reactions">
      {props.message.reactions.map((reaction) => {
        const { emoji, count } = reaction;
        const label = t('message.reaction', { emoji, count, names: namesOf(reaction, props.meId, t) });
        return (
          <button
            key={emoji}
            type="button"
            className="reaction"
            aria-pressed={props.mine(emoji)}
            aria-label={label}
            title={label}
            onClick={() => props.onToggle(emoji)}
          >
            <span aria-hidden="true">{emoji}</span> <span className="count">{count}</span>
          </button>
        );
      })}
    </div>
  );
}

function namesOf({ users, count }: Reaction, meId: string, t: ReturnType<typeof useText>): string {
  const shown = users.slice(0, 10);
  const names = shown.map(({ id, displayName }) => (id === meId ? t('people.you') : displayName));
  const others = count - shown.length;
  return others > 0 ? t('message.others', { names: names.join(', '), count: others }) : listOf(names);
}
