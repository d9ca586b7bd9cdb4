// Whether the edits are safe, always visible, never in the way. Only changes of the kind are read
// out, not every save.
import { useEffect, useState } from 'react';
import type { SaveState } from '../editor/session';
import { formatAgo } from '../i18n/format';
import { type Translate, useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { cx } from '../ui/cx';
import { useDesk, useSnapshot } from './context';
import { transcriptText } from './text';

function sentence(t: Translate<(typeof transcriptText)['en']>, save: SaveState, keeps: boolean): string {
  switch (save.kind) {
    case 'saved':
      return t('saved');
    case 'unsaved':
      return t('unsaved');
    case 'saving':
      return t('saving');
    case 'offline':
      if (save.edits === 0) return t('offlineClean');
      return keeps ? t('offlineEdits') : t('offlineLost');
    case 'signedOut':
      return t('signedOut');
    case 'missing':
      return t('missing');
    case 'refused':
      return t('refused', { message: save.message });
  }
}

/** "2 seconds ago" is worth a look a second at first, later a minute. */
function useNow(at: number | null): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (at === null) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), Date.now() - at < 60_000 ? 1_000 : 20_000);
    return () => clearInterval(timer);
  }, [at]);
  return now;
}

export function SaveStatus() {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const save = useSnapshot((snapshot) => snapshot.save);
  const keeps = useSnapshot((snapshot) => snapshot.keeps);
  const at = save.kind === 'saved' ? save.at : null;
  const now = useNow(at);
  const text = sentence(t, save, keeps);
  const shown = at === null ? text : t('savedAgo', { ago: formatAgo(at, now) });
  const bad = save.kind === 'refused' || save.kind === 'signedOut' || save.kind === 'missing' || !keeps;
  const quiet = save.kind === 'unsaved' || save.kind === 'saving';
  // "Saving" comes and goes within a second; it is nothing to be read out.
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (!quiet && save.kind !== 'saved') setSaid(text);
    else if (save.kind === 'saved' && at !== null) setSaid(text);
  }, [quiet, save.kind, text, at]);
  return (
    <div className="flex min-w-0 items-center gap-2 text-sm">
      <span
        aria-hidden="true"
        className={cx(
          'size-2 shrink-0 rounded-full',
          bad
            ? 'bg-danger'
            : save.kind === 'saved'
              ? 'bg-accent'
              : save.kind === 'offline'
                ? 'bg-warn'
                : 'animate-pulse bg-line-strong',
        )}
      />
      <span data-save={save.kind} className={cx('truncate', bad ? 'text-danger' : 'text-soft')} title={shown}>
        {shown}
      </span>
      <span role="status" className="sr-only">
        {said}
      </span>
      {save.kind === 'refused' || save.kind === 'signedOut' ? (
        <Button look="quiet" className="min-h-8" onClick={() => session.retry()}>
          {t('retry')}
        </Button>
      ) : null}
    </div>
  );
}
