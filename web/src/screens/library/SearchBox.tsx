// The search box of the library, with suggestions: a combobox as the ARIA practices describe it.
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { useMessages } from '../../i18n/messages';
import { IconButton } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { Icon, type IconName } from '../../ui/Icon';
import { noteSearch, recentSearches, type Suggestion, suggest } from './suggest';
import { libraryText } from './text';

interface Props {
  value: string;
  onChange: (value: string) => void;
  onTag: (tag: string) => void;
  tags: readonly string[];
  speakers: readonly string[];
}

const icons: Record<Suggestion['kind'], IconName> = { recent: 'history', tag: 'tag', speaker: 'user' };

export function SearchBox({ value, onChange, onTag, tags, speakers }: Props) {
  const t = useMessages(libraryText);
  const list = useId();
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  // Read when the list opens: this is the only place that changes it.
  const found = useMemo(() => (open ? suggest(value, { recent: recentSearches(), tags, speakers }) : []), [open, value, tags, speakers]);
  const shown = open && found.length > 0;
  const close = () => {
    setOpen(false);
    setAt(-1);
  };
  const take = ({ kind, text }: Suggestion) => {
    close();
    if (kind === 'tag') {
      onChange('');
      onTag(text);
      return;
    }
    noteSearch(text);
    onChange(text);
  };
  const press = (event: KeyboardEvent) => {
    const chosen = found[at];
    if (event.key === 'Enter') {
      if (shown && chosen) take(chosen);
      else noteSearch(value);
      close();
    } else if (event.key === 'Escape' && shown) {
      // The first press closes the list, the next one is the page's.
      event.stopPropagation();
      event.preventDefault();
      close();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      const count = open ? found.length : 0;
      setOpen(true);
      // One more place than there are suggestions: what was typed itself.
      setAt(count === 0 ? -1 : ((at + 1 + step + count + 1) % (count + 1)) - 1);
    }
  };
  return (
    <div role="search" className="relative min-w-0 flex-1 basis-56 max-sm:basis-full">
      <Icon name="search" className="pointer-events-none absolute start-3 top-1/2 size-4.5 -translate-y-1/2 text-soft" />
      <input
        type="search"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={shown}
        aria-controls={shown ? list : undefined}
        aria-activedescendant={shown && at >= 0 ? `${list}-${at}` : undefined}
        autoComplete="off"
        value={value}
        maxLength={500}
        aria-label={t('search')}
        placeholder={t('search')}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          noteSearch(value);
          close();
        }}
        onKeyDown={press}
        onChange={(event) => {
          setOpen(true);
          setAt(-1);
          onChange(event.target.value);
        }}
        className="min-h-10 w-full rounded-lg border border-line bg-surface ps-10 pe-10 max-sm:min-h-11 max-sm:text-base [&::-webkit-search-cancel-button]:hidden"
      />
      {value ? <IconButton icon="close" label={t('clearSearch')} className="absolute end-0 top-0" onClick={() => onChange('')} /> : null}
      {shown ? (
        <ul id={list} role="listbox" aria-label={t('suggestions')} className="card absolute inset-x-0 top-full z-30 mt-1.5 overflow-hidden p-1.5 shadow-float">
          {found.map((one, index) => (
            <li
              key={`${one.kind} ${one.text}`}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === at}
              className={cx('flex min-h-10 cursor-pointer items-center gap-3 rounded-lg px-2.5 text-sm max-sm:min-h-11', index === at ? 'bg-sunken' : 'hover:bg-sunken')}
              // Before the box loses the focus and the list its place.
              onPointerDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              <Icon name={icons[one.kind]} className="size-4 shrink-0 text-soft" />
              <bdi className="min-w-0 flex-1 truncate">{one.text}</bdi>
              <span className="text-xs text-soft">{t(`suggest_${one.kind}`)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
