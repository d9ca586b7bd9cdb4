// How to transcribe, behind one line of chips.
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { modelsQuery } from '../../api/queries';
import { formatNumber, languageName } from '../../i18n/format';
import { useLocale } from '../../i18n/locale';
import { useMessages } from '../../i18n/messages';
import { Badge, Button } from '../../ui/Button';
import { cx } from '../../ui/cx';
import { SelectField, Switch, TextField } from '../../ui/Field';
import { Icon } from '../../ui/Icon';
import { jobFieldsQuery } from '../../uploads/fields';
import { spokenLanguages } from '../../uploads/languages';
import type { JobOptions } from '../../uploads/options';
import { SpeakerModel } from './SpeakerModel';
import { newText } from './text';

/** `onReset` is offered where the options are of one occasion and there is something to go back to. */
export function OptionsPanel({ options, onChange, onReset }: { options: JobOptions; onChange: (change: Partial<JobOptions>) => void; onReset?: () => void }) {
  const t = useMessages(newText);
  const locale = useLocale();
  const models = useQuery(modelsQuery);
  const [open, setOpen] = useState(false);
  const panel = useId();
  const fields = useQuery({ ...jobFieldsQuery, enabled: open }).data;
  const languages = spokenLanguages
    .map((code) => ({ code, name: languageName(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, locale === 'pseudo' ? 'en' : locale));
  const known = options.model === '' || (models.data ?? [options.model]).includes(options.model);
  return (
    <section className="card">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panel}
        className="flex min-h-12 w-full flex-wrap items-center gap-2 rounded-[inherit] px-4 py-2.5 text-start"
        onClick={() => setOpen(!open)}
      >
        <Icon name="settings" className="text-soft" />
        <span className="sr-only">{t('options')}: </span>
        <span className="flex min-w-0 flex-1 flex-wrap gap-1.5">
          <Badge>{options.model || t('modelBest')}</Badge>
          <Badge>{options.language ? languageName(options.language) : `${t('language')}: ${t('languageAuto')}`}</Badge>
          {options.task === 'translate' ? <Badge tone="accent">{t('taskTranslate')}</Badge> : null}
          {options.speakers ? <Badge tone="accent">{options.speakerCount ? t('chipSpeakerCount', { count: Number(options.speakerCount) }) : t('chipSpeakers')}</Badge> : null}
          {options.wordTimes ? <Badge>{t('chipWordTimes')}</Badge> : null}
          {options.channel ? <Badge tone="accent">{t(options.channel === '0' ? 'channelLeft' : 'channelRight')}</Badge> : null}
          {options.multilingual && !options.language ? <Badge tone="accent">{t('multilingual')}</Badge> : null}
          {options.everything ? <Badge tone="accent">{t('everything')}</Badge> : null}
          {options.prompt.trim() ? <Badge tone="accent">{t('chipPrompt')}</Badge> : null}
          {options.vocabulary.length > 0 ? <Badge>{t('chipVocabulary', { count: options.vocabulary.length })}</Badge> : null}
        </span>
        <Icon name="chevron" className={cx('size-4 text-soft transition-transform', open && 'rotate-180')} />
      </button>
      {open ? (
        <div id={panel} className="grid gap-5 border-t border-line p-4 sm:grid-cols-2">
          <SelectField
            label={t('model')}
            value={known ? options.model : ''}
            onChange={(event) => onChange({ model: event.target.value })}
            error={models.isError ? t('modelsFailed') : models.data?.length === 0 ? t('noModel') : null}
          >
            <option value="">{t('modelBest')}</option>
            {models.data?.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label={t('language')} value={options.language} onChange={(event) => onChange({ language: event.target.value })}>
            <option value="">{t('languageAuto')}</option>
            {languages.map(({ code, name }) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </SelectField>
          <SelectField label={t('task')} value={options.task} onChange={(event) => onChange({ task: event.target.value === 'translate' ? 'translate' : 'transcribe' })}>
            <option value="transcribe">{t('taskTranscribe')}</option>
            <option value="translate">{t('taskTranslate')}</option>
          </SelectField>
          <SelectField label={t('channel')} hint={t('channelHint')} value={options.channel} onChange={(event) => onChange({ channel: event.target.value as JobOptions['channel'] })}>
            <option value="">{t('channelAll')}</option>
            <option value="0">{t('channelLeft')}</option>
            <option value="1">{t('channelRight')}</option>
          </SelectField>
          <div className="sm:col-span-2">
            <Prompt value={options.prompt} onChange={(prompt) => onChange({ prompt })} />
          </div>
          <div className="flex flex-col gap-3 sm:col-span-2">
            {fields?.has('diarize') ? <Switch label={t('speakers')} hint={t('speakersHint')} checked={options.speakers} onChange={(speakers) => onChange({ speakers })} /> : null}
            {fields?.has('diarize') && options.speakers ? (
              <div className="flex flex-col gap-3 border-s-2 border-line ps-4">
                <SpeakerModel />
                <div className="sm:max-w-64">
                  <SelectField label={t('speakerCount')} hint={t('speakerCountHint')} value={options.speakerCount} onChange={(event) => onChange({ speakerCount: event.target.value })}>
                    <option value="">{t('speakerCountAuto')}</option>
                    {Array.from({ length: 12 }, (_, index) => (
                      <option key={index} value={String(index + 1)}>
                        {formatNumber(index + 1)}
                      </option>
                    ))}
                  </SelectField>
                </div>
              </div>
            ) : null}
            <Switch label={t('wordTimes')} hint={t('wordTimesHint')} checked={options.wordTimes} onChange={(wordTimes) => onChange({ wordTimes })} />
            <Switch label={t('multilingual')} hint={t('multilingualHint')} checked={options.multilingual && !options.language} disabled={options.language !== ''} onChange={(multilingual) => onChange({ multilingual })} />
            <Switch label={t('everything')} hint={t('everythingHint')} checked={options.everything} onChange={(everything) => onChange({ everything })} />
          </div>
          {onReset ? (
            <div className="sm:col-span-2">
              <Button look="quiet" icon="restart" className="-ms-3" onClick={onReset}>
                {t('resetOptions')}
              </Button>
            </div>
          ) : null}
        </div>
      ) : null}
    </section>
  );
}

/** What was typed holds when the field is left: a letter is no change of the stored defaults. */
function Prompt({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useMessages(newText);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <TextField
      label={t('prompt')}
      hint={t('promptHint')}
      value={typed ?? value}
      maxLength={600}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={() => {
        if (typed !== null && typed !== value) onChange(typed);
        setTyped(null);
      }}
    />
  );
}
