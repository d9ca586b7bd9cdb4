// A failure with cause, consequence and next step, and a report that can be copied whole.
import { type ReactNode, useState } from 'react';
import { ApiProblem } from '../api/problem';
import { useMessages } from '../i18n/messages';
import { Button } from './Button';
import { Icon } from './Icon';
import { uiText } from './text';

interface Props {
  /** What did not work: "The library could not be read." */
  title: string;
  error?: unknown;
  /** What it means for the reader. */
  consequence?: ReactNode;
  /** What to do about it. */
  next?: ReactNode;
  onRetry?: () => void;
  children?: ReactNode;
  /** Further lines of the report: names and values, no contents. */
  report?: Record<string, string | number | null | undefined>;
}

export function reportOf(title: string, error: unknown, more: Props['report'] = {}): string {
  const lines: [string, unknown][] = [
    ['what', title],
    ['time', new Date().toISOString()],
    ['page', location.pathname],
    ['browser', navigator.userAgent],
  ];
  if (error instanceof ApiProblem) {
    lines.push(['request', error.request], ['status', error.status], ['code', error.code]);
    lines.push(['request_id', error.requestId], ['message', error.message]);
  } else if (error instanceof Error) {
    lines.push(['message', `${error.name}: ${error.message}`], ['stack', error.stack ?? '']);
  }
  lines.push(...Object.entries(more));
  return lines
    .filter(([, value]) => value !== '' && value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join('\n');
}

export function ErrorPanel({ title, error, consequence, next, onRetry, children, report }: Props) {
  const t = useMessages(uiText);
  const [copied, setCopied] = useState(false);
  const offline = error instanceof ApiProblem && error.offline;
  const cause = offline ? t('offlineCause') : error instanceof Error ? error.message : null;
  const fields = error instanceof ApiProblem ? error.fields : [];
  const copy = async () => {
    await copyText(reportOf(title, error, report));
    setCopied(true);
  };
  return (
    <div role="alert" className="rounded-card border border-danger/40 bg-danger-wash p-5">
      <div className="flex gap-3">
        <Icon name="alert" className="mt-0.5 text-danger" />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold">{title}</h2>
          {cause ? <p className="mt-1 break-words">{cause}</p> : null}
          {fields.length > 0 ? (
            <ul className="mt-1 list-disc ps-5">
              {fields.map((field) => (
                <li key={`${field.field}${field.message}`}>
                  <code className="font-mono text-sm">{field.field}</code>: {field.message}
                </li>
              ))}
            </ul>
          ) : null}
          {consequence ? <p className="mt-1">{consequence}</p> : null}
          {next || offline ? <p className="mt-1 font-medium">{next ?? t('offlineNext')}</p> : null}
          <div className="mt-4 flex flex-wrap gap-2">
            {onRetry ? (
              <Button icon="restart" onClick={onRetry}>
                {t('tryAgain')}
              </Button>
            ) : null}
            {children}
            <Button look="quiet" icon={copied ? 'check' : 'copy'} onClick={copy}>
              {copied ? t('copied') : t('copyReport')}
            </Button>
          </div>
        </div>
      </div>
    </div>
  );
}

/** Also where the page is not served over TLS: browsers then have no clipboard object. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // The old way may still be allowed.
    }
  }
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'fixed opacity-0';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}
