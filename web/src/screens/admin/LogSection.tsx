// The server's log as it is written, newest below; what went wrong can be picked out.
import { useEffect, useRef, useState } from 'react';
import { apiUrl } from '../../api/client';
import { formatTimeOfDay } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { EmptyState } from '../../ui/EmptyState';
import { SelectBox } from '../../ui/Field';
import { Loading } from '../../ui/Loading';
import { adminText } from './text';

interface Line {
  seq: number;
  time: string;
  level: string;
  logger: string;
  message: string;
}

/** As many as the server keeps. */
const LINES_MAX = 2_000;
const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'];

function readLine(data: string): Line | null {
  try {
    const { seq, record } = JSON.parse(data) as { seq: number; record: Record<string, unknown> };
    const text = (name: string) => (typeof record[name] === 'string' ? record[name] : '');
    return { seq, time: text('timestamp'), level: text('level'), logger: text('logger'), message: text('message') };
  } catch {
    return null;
  }
}

function useLog(): { lines: Line[]; state: 'opening' | 'live' | 'lost' } {
  const [lines, setLines] = useState<Line[]>([]);
  const [state, setState] = useState<'opening' | 'live' | 'lost'>('opening');
  useEffect(() => {
    let last = 0;
    const source = new EventSource(apiUrl('/admin/logs/events'));
    source.onopen = () => setState('live');
    source.onerror = () => setState('lost');
    source.addEventListener('log', (event) => {
      const line = readLine((event as MessageEvent<string>).data);
      // A server that was started again counts from one.
      if (!line || line.seq === last) return;
      last = line.seq;
      setLines((before) => [...before, line].slice(-LINES_MAX));
    });
    return () => source.close();
  }, []);
  return { lines, state };
}

export function LogSection() {
  const t = useMessages(adminText);
  const { lines, state } = useLog();
  const [least, setLeast] = useState('INFO');
  const list = useRef<HTMLOListElement>(null);
  const [follows, setFollows] = useState(true);
  const shown = lines.filter((line) => LEVELS.indexOf(line.level) >= LEVELS.indexOf(least));
  const newest = shown.at(-1)?.seq;
  useEffect(() => {
    const element = list.current;
    if (follows && element) element.scrollTop = element.scrollHeight;
  }, [newest, follows]);
  if (state === 'opening' && lines.length === 0) return <Loading />;
  return (
    <section aria-label={t('log')}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <p className="flex min-w-0 flex-1 basis-56 flex-wrap items-center gap-2 text-sm text-soft">
          <Badge tone={state === 'lost' ? 'danger' : 'accent'}>{state === 'lost' ? t('silent') : t('live')}</Badge>
          {t('logHint')}
        </p>
        <SelectBox
          aria-label={t('level')}
          value={least}
          onChange={(event) => setLeast(event.target.value)}
          className="min-h-10 rounded-lg border border-line bg-surface ps-3 text-sm font-medium max-sm:min-h-11"
        >
          {LEVELS.map((level) => (
            <option key={level} value={level}>
              {t('levelFrom', { level })}
            </option>
          ))}
        </SelectBox>
        {follows ? null : (
          <Button icon="chevron" onClick={() => setFollows(true)}>
            {t('toNewest')}
          </Button>
        )}
      </div>
      {shown.length === 0 ? (
        <EmptyState icon="list" title={t('noLines')}>
          <p>{t('noLinesHint')}</p>
        </EmptyState>
      ) : (
        <ol
          ref={list}
          tabIndex={0}
          aria-label={t('log')}
          className="card h-[62dvh] overflow-y-auto overscroll-contain py-2 text-sm"
          onScroll={({ currentTarget: box }) => setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < 40)}
        >
          {shown.map((line) => (
            <li key={line.seq} className="grid gap-x-3 px-4 py-1 sm:grid-cols-[5.5rem_5.5rem_1fr]">
              <time dateTime={line.time} className="figures text-soft">
                {formatTimeOfDay(line.time)}
              </time>
              <span className="max-sm:order-first">
                <Badge tone={line.level === 'ERROR' ? 'danger' : line.level === 'WARNING' ? 'warn' : 'plain'}>{line.level}</Badge>
              </span>
              <span dir="ltr" className="min-w-0 break-words">
                <span className="text-soft">{line.logger}</span> {line.message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
