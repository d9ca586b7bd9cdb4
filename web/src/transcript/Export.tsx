// Export: the usual formats at once; every format with its options and the file itself as it will be,
// made by the server.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type MouseEvent, type ReactNode, useDeferredValue, useEffect, useState } from 'react';
import { apiUrl, type Query, request } from '../api/client';
import { formatsQuery } from '../api/queries';
import { getDefaultFormat, useDefaultFormat } from '../app/defaultFormat';
import { orderedTurns } from '../editor/model';
import type { EditorSession } from '../editor/session';
import { say, useMessages } from '../i18n/messages';
import { Button, Spinner } from '../ui/Button';
import { Dialog } from '../ui/Dialog';
import { ErrorPanel } from '../ui/ErrorPanel';
import { SelectField, Switch, TextField } from '../ui/Field';
import { formatName } from '../ui/formatNames';
import { Icon } from '../ui/Icon';
import { Menu, MenuItem, MenuLine } from '../ui/Menu';
import { toast } from '../ui/Toast';
import { useDesk, useSnapshot } from './context';
import { BINARY, digits, type Options, PARAGRAPHS, queryOf, quickFormats, readOptions, START, SUBTITLES } from './exportOptions';
import { transcriptText } from './text';

/** Letters of the file that are shown: some ten screens. */
const PREVIEW_MAX = 20_000;
const KEPT = 'wt.export';

function keptOptions(): Options {
  try {
    return readOptions(localStorage.getItem(KEPT));
  } catch {
    return START;
  }
}

function fileUrl(jobId: string, options: Options): string {
  return apiUrl('/jobs/{job_id}/download', { path: { job_id: jobId }, query: queryOf(options) });
}

/** The server makes the file, so it has to know the last word first. */
async function downloadSaved(session: EditorSession, url: string): Promise<void> {
  await session.pump();
  if (!session.saved) {
    toast(say(transcriptText, 'saveFirst'), { tone: 'danger' });
    return;
  }
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.append(link);
  link.click();
  link.remove();
}

/** The usual formats with the options of the last time. */
export function ExportMenu({ jobId }: { jobId: string }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const formats = useQuery(formatsQuery).data ?? [];
  return (
    <Menu
      trigger={
        <Button look="primary" icon="download">
          {t('exportTitle')}
        </Button>
      }
    >
      {quickFormats(useDefaultFormat()).flatMap((name) => formats.find((format) => format.name === name) ?? []).map((format) => (
        <MenuItem
          key={format.name}
          onSelect={() => void downloadSaved(desk.session, fileUrl(jobId, { ...keptOptions(), format: format.name }))}
        >
          {formatName(format)}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem icon="settings" onSelect={() => desk.set({ panel: 'export' })}>
        {t('exportMore')}
      </MenuItem>
    </Menu>
  );
}

function Preview({ jobId, query, text }: { jobId: string; query: Query; text: boolean }) {
  const t = useMessages(transcriptText);
  const preview = useQuery({
    queryKey: ['preview', jobId, query],
    enabled: text,
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const answer = await request('get', '/jobs/{job_id}/download', { path: { job_id: jobId }, query, signal });
      return answer.text();
    },
  });
  if (!text) return <p className="text-sm text-soft">{t('noPreviewBinary')}</p>;
  if (preview.error)
    return <ErrorPanel title={t('previewFailed')} error={preview.error} onRetry={() => void preview.refetch()} />;
  if (preview.data === undefined) return <Spinner />;
  return (
    <>
      <pre
        dir="auto"
        tabIndex={0}
        role="region"
        aria-label={t('preview')}
        data-preview={query.format}
        className="max-h-[46dvh] min-h-40 sm:max-h-[60dvh] overflow-auto rounded-lg border border-line bg-paper p-3 font-mono text-xs leading-relaxed break-words whitespace-pre-wrap"
      >
        {preview.data.slice(0, PREVIEW_MAX)}
      </pre>
      {preview.data.length > PREVIEW_MAX ? <p className="mt-1 text-xs text-soft">{t('previewCut')}</p> : null}
    </>
  );
}

function Columns({ left, right }: { left: ReactNode; right: ReactNode }) {
  return (
    <div className="grid gap-5 sm:grid-cols-[15rem_1fr]">
      <div className="flex flex-col gap-4">{left}</div>
      <div className="min-w-0">{right}</div>
    </div>
  );
}

export function ExportDialog({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const formats = useQuery(formatsQuery);
  const [options, setOptions] = useState(() => {
    const kept = keptOptions();
    return { ...kept, format: getDefaultFormat() || kept.format };
  });
  const [ready, setReady] = useState(session.saved);
  const query = queryOf(useDeferredValue(options));
  useEffect(() => {
    // The server makes the file, so it has to know the last word first.
    void session.pump().then(() => setReady(true));
  }, [session]);
  const change = (part: Partial<Options>): void => {
    const next = { ...options, ...part };
    setOptions(next);
    try {
      localStorage.setItem(KEPT, JSON.stringify(next));
    } catch {
      // The choice is then made anew next time.
    }
  };
  const subtitles = SUBTITLES.includes(options.format);
  // Names are in the file only where turns have them.
  const named = useSnapshot((snapshot) => orderedTurns(snapshot.doc).some((turn) => turn.speaker !== null));
  const url = fileUrl(jobId, options);
  const download = (event: MouseEvent): void => {
    if (session.saved) return;
    event.preventDefault();
    void downloadSaved(session, url);
  };
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => !open && onClose()}
      title={t('exportTitle')}
      footer={
        <Button look="primary" asChild>
          <a href={url} download onClick={download}>
            <Icon name="download" className="size-4.5" />
            {t('download')}
          </a>
        </Button>
      }
    >
      <Columns
        left={
          <>
            <SelectField
              label={t('format')}
              value={options.format}
              onChange={(event) => change({ format: event.target.value })}
            >
              {(formats.data ?? [{ name: options.format, description: options.format }]).map((format) => (
                <option key={format.name} value={format.name}>
                  {formatName(format)}
                </option>
              ))}
            </SelectField>
            {subtitles ? (
              <>
                <SelectField
                  label={t('lineRules')}
                  value={options.rules}
                  onChange={(event) => change({ rules: event.target.value as Options['rules'] })}
                >
                  <option value="balanced">{t('rulesBalanced')}</option>
                  <option value="reference">{t('rulesReference')}</option>
                </SelectField>
                <TextField
                  label={t('lineWidth')}
                  inputMode="numeric"
                  value={options.width}
                  onChange={(event) => change({ width: digits(event.target.value) })}
                />
                <TextField
                  label={t('lineCount')}
                  inputMode="numeric"
                  value={options.count}
                  onChange={(event) => change({ count: digits(event.target.value) })}
                />
                {options.rules === 'balanced' ? (
                  <TextField
                    label={t('readingSpeed')}
                    inputMode="numeric"
                    value={options.speed}
                    onChange={(event) => change({ speed: digits(event.target.value) })}
                  />
                ) : null}
                <Switch
                  label={t('highlightWords')}
                  checked={options.highlight}
                  onChange={(highlight) => change({ highlight })}
                />
              </>
            ) : PARAGRAPHS.includes(options.format) ? (
              <Switch label={t('withTimes')} checked={options.times} onChange={(times) => change({ times })} />
            ) : null}
            {named ? (
              <Switch
                label={t('withSpeakers')}
                checked={options.speakers}
                onChange={(speakers) => change({ speakers })}
              />
            ) : null}
            <Switch label={t('original')} checked={options.original} onChange={(original) => change({ original })} />
          </>
        }
        right={ready ? <Preview jobId={jobId} query={query} text={!BINARY.includes(options.format)} /> : <Spinner />}
      />
    </Dialog>
  );
}
