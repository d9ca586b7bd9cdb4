// A model from a file of one's own: for servers without a network, and for models that nobody publishes.
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { formatBytes } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { TextField } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { Progress } from '../../ui/Progress';
import { toast } from '../../ui/Toast';
import { isModelFile, isModelName, modelNameOf, refetchModels, sendModel } from './state';
import { modelsText } from './text';

export function ModelDrop({ taken }: { taken: readonly string[] }) {
  const t = useMessages(modelsText);
  const input = useRef<HTMLInputElement>(null);
  const going = useRef<AbortController | null>(null);
  const [over, setOver] = useState(false);
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [sent, setSent] = useState<number | null>(null);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => () => going.current?.abort(), []);
  const take = (chosen: File | undefined) => {
    if (!chosen) return;
    const fits = isModelFile(chosen.name);
    setError(fits ? null : new Error(t('bringInWrong')));
    setFile(fits ? chosen : null);
    setName(modelNameOf(chosen.name));
  };
  const install = async () => {
    if (!file) return;
    const controller = new AbortController();
    going.current = controller;
    setError(null);
    setSent(0);
    try {
      await sendModel(name, file, setSent, controller.signal);
      setFile(null);
      toast(t('bringInDone', { name }));
      await refetchModels();
    } catch (failure) {
      if (!controller.signal.aborted) setError(failure);
    } finally {
      setSent(null);
    }
  };
  const hold = (event: DragEvent, on: boolean) => {
    event.preventDefault();
    // The page's own area is for recordings.
    event.stopPropagation();
    setOver(on);
  };
  const clash = taken.includes(name) ? t('bringInTaken') : isModelName(name) ? null : t('bringInNameRule');
  return (
    <div className="flex flex-col gap-3">
      {file ? (
        <form
          className="flex flex-col gap-3 rounded-lg border border-line p-4"
          onSubmit={(event) => {
            event.preventDefault();
            void install();
          }}
        >
          <p className="figures flex min-w-0 items-center gap-2 text-sm">
            <Icon name="file" className="text-soft" />
            <bdi className="min-w-0 truncate font-medium">{file.name}</bdi>
            <span className="text-soft">{formatBytes(file.size)}</span>
          </p>
          {sent === null ? (
            <TextField label={t('bringInName')} value={name} error={clash} maxLength={64} autoCapitalize="none" spellCheck={false} onChange={(event) => setName(event.target.value.trim())} />
          ) : (
            <div role="status">
              <Progress value={(100 * sent) / file.size} label={file.name} />
              <p className="figures mt-1 text-xs text-soft">{sent < file.size ? t('bringInSending', { done: formatBytes(sent), total: formatBytes(file.size) }) : t('bringInChecking')}</p>
            </div>
          )}
          <div className="flex gap-2">
            {sent === null ? (
              <Button type="submit" look="primary" disabled={clash !== null}>
                {t('bringInAction')}
              </Button>
            ) : null}
            <Button
              look="quiet"
              onClick={() => {
                going.current?.abort();
                setFile(null);
              }}
            >
              {t('cancel')}
            </Button>
          </div>
        </form>
      ) : (
        <div
          data-model-drop
          className={cx('flex flex-wrap items-center gap-x-4 gap-y-3 rounded-lg border border-dashed px-4 py-3', over ? 'border-accent bg-accent-wash' : 'border-line-strong')}
          onDragEnter={(event) => hold(event, true)}
          onDragOver={(event) => hold(event, true)}
          onDragLeave={(event) => hold(event, false)}
          onDrop={(event) => {
            hold(event, false);
            take(event.dataTransfer.files[0]);
          }}
        >
          <div className="min-w-0 flex-1 basis-56">
            <p className="text-sm font-medium">{t('bringIn')}</p>
            <p className="text-sm text-soft">{t('bringInHint')}</p>
          </div>
          <Button icon="file" onClick={() => input.current?.click()}>
            {t('bringInChoose')}
          </Button>
          <input
            ref={input}
            type="file"
            accept=".pt,.bin,.safetensors"
            className="hidden"
            data-testid="model-file"
            aria-label={t('bringInChoose')}
            onChange={(event) => {
              take(event.target.files?.[0]);
              event.target.value = '';
            }}
          />
        </div>
      )}
      {error ? <ErrorPanel title={t('bringInFailed')} error={error} /> : null}
    </div>
  );
}
