import { useCallback, useEffect, useRef, useState } from 'react';
import { useText } from '../i18n/text.ts';
import { excerpt } from '../message/markdown.tsx';
import type { Message } from './documents.ts';

/** How long to collect what is new before it is said, in ms: a flood is one sentence. */
const COLLECT_MS = 1200;

/** What to say of new messages, and how to add to it. */
export function useAnnouncements(): [string, (message: Message) => void] {
  const t = useText();
  const [text, setText] = useState('');
  const fresh = useRef<Message[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const announce = useCallback(
    (message: Message) => {
      fresh.current.push(message);
      timer.current ??= setTimeout(() => {
        const [first, ...others] = fresh.current;
        fresh.current = [];
        timer.current = undefined;
        if (!first) return;
        const name = first.author?.displayName ?? t('message.unknown');
        if (others.length === 0) setText(t('room.said', { name, text: excerpt(first.body) }));
        else setText(t('room.saidMany', { count: others.length + 1 }));
      }, COLLECT_MS);
    },
    [t],
  );
  return [text, announce];
}

/** Says it to those who listen. */
export function Announcer({ text }: { readonly text: string }) {
  return (
    <p className="hidden" aria-live="polite" data-announcer="">
      {text}
    </p>
  );
}
