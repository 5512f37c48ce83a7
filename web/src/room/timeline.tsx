import { type ReactNode, useLayoutEffect, useRef } from 'react';

/** How near the end counts as at the end, in px. */
const NEAR = 48;

/**
 * The scrolling part of a room. It stays at the end while the reader is there, and where they are while they read further up,
 * also when earlier messages (`first` changes) come in above.
 */
export function Timeline({ first, children }: { readonly first: string | undefined; readonly children: ReactNode }) {
  const ref = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef({ first, height: 0 });

  useLayoutEffect(() => {
    const log = ref.current;
    if (!log) return;
    if (atEnd.current) log.scrollTop = log.scrollHeight;
    else if (before.current.first !== first) log.scrollTop += log.scrollHeight - before.current.height;
    before.current = { first, height: log.scrollHeight };
  });

  useLayoutEffect(() => {
    const log = ref.current;
    if (!log) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) log.scrollTop = log.scrollHeight;
    });
    observer.observe(log);
    return () => observer.disconnect();
  }, []);

  return (
    <div
      ref={ref}
      className="timeline"
      role="log"
      aria-label="Messages"
      tabIndex={0}
      onScroll={({ currentTarget: log }) => {
        atEnd.current = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;
      }}
    >
      {children}
    </div>
  );
}
