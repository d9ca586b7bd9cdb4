// All keys, and how to change them: profiles of other programs, single keys, files to carry along.
import { type KeyboardEvent, useState } from 'react';
import {
  type Action,
  ACTIONS,
  type Bindings,
  chordOf,
  clashOf,
  keymapOf,
  type Profile,
  PROFILES,
  readKeys,
} from '../editor/keymap';
import { useMessages } from '../i18n/messages';
import { Button } from '../ui/Button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/Dialog';
import { SelectField } from '../ui/Field';
import { toast } from '../ui/Toast';
import { transcriptText, type TranscriptKey } from './text';
import { setKeys, useKeySettings } from './useKeys';

interface Editing {
  readonly action: Action;
  readonly side: keyof Bindings;
}

/** A key map is a few kB; anything larger is another file. */
const FILE_MAX = 100_000;

/** As it is printed on the key. */
const printed: Readonly<Record<string, string>> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→', Escape: 'Esc', Space: 'Space', Delete: 'Del' };
const shownChord = (chord: string): string =>
  chord
    .split(/(?<=.)\+/)
    .map((key) => printed[key] ?? key)
    .join('+');

function Chords({ chords }: { chords: readonly string[] }) {
  return (
    <>
      {chords.map((chord) => (
        <kbd
          key={chord}
          dir="ltr"
          className="rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-xs whitespace-nowrap"
        >
          {shownChord(chord)}
        </kbd>
      ))}
    </>
  );
}

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const t = useMessages(transcriptText);
  const settings = useKeySettings();
  const [editing, setEditing] = useState<Editing | null>(null);
  const [problem, setProblem] = useState('');
  const map = keymapOf(settings.profile, settings.own);
  const named = (action: Action): string => t(`key_${action}` as TranscriptKey);
  const press = (event: KeyboardEvent): void => {
    if (!editing) return;
    event.preventDefault();
    event.stopPropagation();
    const chord = chordOf(event.nativeEvent);
    if (chord === '') return;
    if (chord === 'Escape' && editing.action !== 'playPause') {
      setEditing(null);
      return;
    }
    const taken = clashOf(map, editing.action, chord);
    if (taken) {
      setProblem(t('keyTaken', { action: named(taken) }));
      return;
    }
    const bindings = { ...map[editing.action], [editing.side]: [chord] };
    setKeys({ ...settings, own: { ...settings.own, [editing.action]: bindings } });
    setProblem('');
    setEditing(null);
  };
  const save = (): void => {
    const file = new Blob([JSON.stringify(settings, null, 2)], { type: 'application/json' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = 'keys.json';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const read = async (file: File | undefined): Promise<void> => {
    try {
      if (!file || file.size > FILE_MAX) throw new Error('too large');
      setKeys(readKeys(JSON.parse(await file.text())));
    } catch {
      toast(t('keysBad'), { tone: 'danger' });
    }
  };
  const cell = (action: Action, side: keyof Bindings) => {
    const on = editing?.action === action && editing.side === side;
    return (
      <td className="py-1">
        <button
          type="button"
          className={cx(
            'flex min-h-9 min-w-16 flex-wrap items-center gap-1 rounded-md px-1.5 text-start hover:bg-sunken',
            on && 'outline-2 outline-accent',
          )}
          onClick={() => {
            setProblem('');
            setEditing({ action, side });
          }}
          onKeyDown={on ? press : undefined}
          onBlur={() => on && setEditing(null)}
        >
          <span className="sr-only">{t('changeKey', { action: named(action) })}</span>
          {on ? (
            <span className="text-sm text-accent-strong">{problem || t('pressKey')}</span>
          ) : (
            <Chords chords={map[action][side]} />
          )}
        </button>
      </td>
    );
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t('keys')}
      footer={
        <>
          <Button onClick={() => setKeys({ profile: 'default', own: {} })}>{t('resetKeys')}</Button>
          <Button icon="download" onClick={save}>
            {t('exportKeys')}
          </Button>
          <Button asChild>
            <label>
              {t('importKeys')}
              <input
                type="file"
                accept="application/json,.json"
                className="sr-only"
                onChange={(event) => void read(event.target.files?.[0])}
              />
            </label>
          </Button>
        </>
      }
    >
      <SelectField
        label={t('keysProfile')}
        hint={t('keysProfileHint')}
        value={settings.profile}
        onChange={(event) => setKeys({ profile: event.target.value as Profile, own: settings.own })}
      >
        {Object.keys(PROFILES).map((profile) => (
          <option key={profile} value={profile}>
            {t(`profile_${profile}` as TranscriptKey)}
          </option>
        ))}
      </SelectField>
      <table className="mt-4 w-full text-sm">
        <thead>
          <tr className="border-b border-line text-start text-soft">
            <th className="py-1.5 text-start font-medium">{t('keysAction')}</th>
            <th className="py-1.5 text-start font-medium">{t('keysTyping')}</th>
            <th className="py-1.5 text-start font-medium">{t('keysReading')}</th>
          </tr>
        </thead>
        <tbody>
          {ACTIONS.map((action) => (
            <tr key={action} className="border-b border-line/60">
              <th scope="row" className="py-1 text-start font-normal">
                {named(action)}
              </th>
              {cell(action, 'text')}
              {cell(action, 'page')}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 text-sm text-soft">{t('keysFixed')}</p>
      <p className="mt-1 text-sm text-soft">{t('pedals')}</p>
    </Dialog>
  );
}
