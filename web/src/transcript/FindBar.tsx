// Find and replace. Matches are painted in the text; replacing all of them is one step of undo.
import { useEffect, useRef, useState } from 'react';
import { QUERY_MAX, replaceAll, replaceOne } from '../editor/find';
import { useMessages } from '../i18n/messages';
import { Button, IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { toast } from '../ui/Toast';
import { useDesk, useDeskView, useSnapshot } from './context';
import { transcriptText } from './text';

const field =
  'min-h-10 w-full min-w-0 rounded-lg border border-line-strong bg-surface px-3 max-sm:min-h-11 max-sm:text-base';

function Toggle({ on, label, onChange }: { on: boolean; label: string; onChange: (on: boolean) => void }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      className={cx(
        'min-h-9 rounded-lg border px-2 text-sm max-sm:min-h-11',
        on ? 'border-accent bg-accent-wash text-accent-strong' : 'border-line text-soft hover:bg-sunken',
      )}
      onClick={() => onChange(!on)}
    >
      {label}
    </button>
  );
}

export function FindBar() {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const { session } = desk;
  const { query, options, matches, hit, replacing } = useDeskView((view) => view);
  const turns = useSnapshot((snapshot) => snapshot.doc.turns);
  const [replacement, setReplacement] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // On a phone what was found should be seen, not the keyboard.
    if (desk.view.query !== '' && matchMedia('(pointer: coarse)').matches) return;
    input.current?.focus();
    input.current?.select();
  }, [desk]);
  useEffect(() => desk.searchAgain(), [turns, desk]);
  const close = (): void => desk.set({ panel: null, query: '', matches: [] });
  const one = (): void => {
    const match = matches[hit];
    if (!match) return;
    session.commit(replaceOne(session.doc, match, replacement), 'replace');
    desk.searchAgain();
    if (desk.view.matches.length > 0) desk.stepHit(desk.view.hit >= desk.view.matches.length ? -1 : 1);
  };
  const all = (): void => {
    const count = matches.length;
    const next = replaceAll(session.doc, query, options, replacement);
    if (next === session.doc) return;
    session.commit(next, 'replace');
    toast(t('replaced', { count }), { action: { label: t('undo'), run: () => void session.undo() } });
  };
  const count =
    query === '' ? '' : matches.length === 0 ? t('noHits') : t('hits', { at: hit + 1, count: matches.length });
  return (
    <search
      className="card mt-2 flex flex-col gap-2 p-2 shadow-card"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <div className="flex flex-wrap items-center gap-1.5">
        <input
          ref={input}
          type="search"
          value={query}
          maxLength={QUERY_MAX}
          dir="auto"
          placeholder={t('findInText')}
          aria-label={t('findInText')}
          className={cx(field, 'basis-36 flex-1 [&::-webkit-search-cancel-button]:hidden')}
          onChange={(event) => desk.search(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') desk.stepHit(event.shiftKey ? -1 : 1);
          }}
        />
        <span role="status" className="figures ms-1 min-w-16 text-sm text-soft">
          {count}
        </span>
        <IconButton
          icon="chevron"
          label={t('previous')}
          className="size-9 *:rotate-180"
          disabled={matches.length === 0}
          onClick={() => desk.stepHit(-1)}
        />
        <IconButton
          icon="chevron"
          label={t('next')}
          className="size-9"
          disabled={matches.length === 0}
          onClick={() => desk.stepHit(1)}
        />
        <Toggle
          on={options.matchCase}
          label={t('matchCase')}
          onChange={(matchCase) => desk.search(query, { ...options, matchCase })}
        />
        <Toggle
          on={options.wholeWord}
          label={t('wholeWord')}
          onChange={(wholeWord) => desk.search(query, { ...options, wholeWord })}
        />
        <Toggle on={replacing} label={t('replaceOne')} onChange={(on) => desk.set({ replacing: on })} />
        <IconButton icon="close" label={t('close')} className="size-9" onClick={close} />
      </div>
      {replacing ? (
        <div className="flex flex-wrap items-center gap-2">
          <input
            value={replacement}
            maxLength={QUERY_MAX}
            dir="auto"
            placeholder={t('replaceWith')}
            aria-label={t('replaceWith')}
            className={cx(field, 'basis-48 flex-1')}
            onChange={(event) => setReplacement(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') one();
            }}
          />
          <Button disabled={matches.length === 0} onClick={one}>
            {t('replaceOne')}
          </Button>
          <Button disabled={matches.length === 0} onClick={all}>
            {t('replaceAll')}
          </Button>
        </div>
      ) : null}
    </search>
  );
}
