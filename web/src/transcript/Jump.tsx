import { useState } from 'react';
import { clock, parseClock, placeAt } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { TextField } from '../ui/Field';
import { useDesk } from './context';
import { transcriptText } from './text';

export function JumpDialog({ onClose }: { onClose: () => void }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const [text, setText] = useState(clock(desk.player.time));
  const [bad, setBad] = useState(false);
  const jump = (): void => {
    const seconds = parseClock(text);
    if (seconds === null) {
      setBad(true);
      return;
    }
    onClose();
    desk.player.seek(seconds);
    const place = placeAt(desk.session.doc, seconds);
    if (place) desk.scrollToRow(place.row);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('jumpTo')}
      footer={
        <Button look="primary" onClick={jump}>
          {t('jump')}
        </Button>
      }
    >
      <TextField
        label={t('jumpTo')}
        hint={t('jumpHint')}
        error={bad ? t('jumpBad') : null}
        value={text}
        autoFocus
        onFocus={(event) => event.target.select()}
        onChange={(event) => {
          setBad(false);
          setText(event.target.value);
        }}
        onKeyDown={(event) => event.key === 'Enter' && jump()}
      />
    </Dialog>
  );
}
