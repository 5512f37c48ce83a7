import { useState } from 'react';
import { useClient } from 'urql';
import { Dialog } from '../base/dialog.tsx';
import { go, roomHref } from '../base/route.ts';
import { textOf } from '../errors.ts';
import { useText } from '../i18n/text.ts';
import { OpenDirectRoomMutation } from './documents.ts';
import { PeopleSearch } from './people-search.tsx';

/** Asks with whom to talk. */
export default function NewDirect({ onClose }: { readonly onClose: () => void }) {
  const t = useText();
  const client = useClient();
  const [fault, setFault] = useState<string | null>(null);
  const open = async (userId: string) => {
    const { data, error } = await client.mutation(OpenDirectRoomMutation, { userId });
    if (error) return setFault(textOf(error));
    if (data) go(roomHref(data.openDirectRoom.room.id));
    onClose();
  };
  return (
    <Dialog title={t('direct.title')} onClose={onClose}>
      <PeopleSearch onPick={({ id }) => void open(id)} />
      {fault && (
        <p role="alert" className="fault">
          {fault}
        </p>
      )}
    </Dialog>
  );
}
