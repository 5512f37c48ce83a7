import type { Outbox, Pending } from './outbox.ts';

/** A message on its way, or one that was refused. */
export function PendingLine({ entry, outbox }: { readonly entry: Pending; readonly outbox: Outbox }) {
  return (
    <article className="message pending">
      <p className="body" dir="auto">
        {entry.body}
      </p>
      {entry.fault === null ? (
        <small className="late">Sending …</small>
      ) : (
        <p role="alert">
          Not sent: {entry.fault}{' '}
          <button type="button" className="link" onClick={() => outbox.retry(entry.key)}>
            Try again
          </button>{' '}
          <button type="button" className="link" onClick={() => outbox.drop(new Set([entry.key]))}>
            Discard
          </button>
        </p>
      )}
    </article>
  );
}
