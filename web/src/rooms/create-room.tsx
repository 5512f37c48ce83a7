import { type SubmitEvent, useState } from 'react';
import { useClient } from 'urql';
import { Dialog } from '../base/dialog.tsx';
import { go, roomHref } from '../base/route.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { CreateRoomMutation } from './documents.ts';

/** Asks what a new room is to be. */
export default function CreateRoom({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const create = async (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const topic = String(fields.get('topic')).trim() || null;
    const kind = fields.get('kind') === 'PRIVATE' ? 'PRIVATE' : 'PUBLIC';
    setBusy(true);
    const { data, error } = await client.mutation(CreateRoomMutation, { name: String(fields.get('name')), topic, kind });
    setBusy(false);
    if (error) return setFault(textOf(error));
    if (data) go(roomHref(data.createRoom.room.id));
    onClose();
  };
  return (
    <Dialog title={t('create.title')} onClose={onClose}>
      <form onSubmit={create}>
        <label className="field">
          {t('create.name')}
          <input name="name" required maxLength={80} dir="auto" />
        </label>
        <label className="field">
          <span>
            {t('create.topic')} <small>{t('signIn.optional')}</small>
          </span>
          <input name="topic" maxLength={250} dir="auto" />
        </label>
        <label className="choice">
          <input type="radio" name="kind" value="PUBLIC" defaultChecked /> {t('create.public')}
        </label>
        <label className="choice">
          <input type="radio" name="kind" value="PRIVATE" /> {t('create.private')}
        </label>
        {fault && (
          <p role="alert" className="fault">
            {fault}
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            {t('dialog.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy}>
            {t('create.submit')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
