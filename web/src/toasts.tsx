import { useCallback, useState } from 'react';

/** How long a word in passing stays, in ms. */
const STAYS_MS = 5000;

interface Toast {
  readonly id: number;
  readonly text: string;
}

let last = 0;

/** Words in passing, and how to say one. */
export function useToasts(): [readonly Toast[], (text: string) => void] {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const toast = useCallback((text: string) => {
    last += 1;
    const id = last;
    setToasts((now) => [...now.slice(-2), { id, text }]);
    setTimeout(() => setToasts((now) => now.filter((one) => one.id !== id)), STAYS_MS);
  }, []);
  return [toasts, toast];
}

/** Shows them at the lower edge, and says them. */
export function Toasts({ toasts }: { readonly toasts: readonly Toast[] }) {
  return (
    <div className="toasts" role="status">
      {toasts.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}
