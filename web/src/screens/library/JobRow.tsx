// One recording in the library.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { nameOf } from '../../api/details';
import { useLatest } from '../../api/live';
import { isFailed, type Format, type Job } from '../../api/queries';
import { appText } from '../../app/text';
import { formatAgo, formatClock, formatNumber, languageName } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Badge, IconButton, Spinner } from '../../ui/Button';
import type { Match } from '../../api/search';
import { cx } from '../../ui/cx';
import { FactLine } from '../../ui/FactLine';
import { formatName } from '../../ui/formatNames';
import { Icon } from '../../ui/Icon';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuLink } from '../../ui/Menu';
import { Progress } from '../../ui/Progress';
import { archiveJobs, canCancel, canDelete, canDownload, canRestart, downloadUrl, restartJobs, starJobs } from './actions';
import { Matches } from './Matches';
import { RenameField } from './Rename';
import { TagChip } from './Tags';
import { isNamed } from './suggest';
import { libraryText } from './text';

/** Of those who speak; the others are counted. */
const namesShown = 3;

interface Props {
  job: Job;
  formats: Format[];
  selecting: boolean;
  selected: boolean;
  onSelect: (on: boolean, range: boolean) => void;
  onDelete: (job: Job) => void;
  onCancel: (job: Job) => void;
  onTags: (job: Job) => void;
  onTag: (tag: string) => void;
  /** The tag that the list is restricted to. */
  tag?: string;
  matches?: Match[];
}

function StatusMark({ job }: { job: Job }) {
  if (isFailed(job.status)) return <Icon name="alert" className="text-danger" />;
  if (job.status === 'completed') return <Icon name={job.has_video ? 'video' : 'wave'} className="text-accent" />;
  if (job.status === 'cancelled') return <Icon name="cancel" className="text-soft" />;
  if (job.status === 'queued') return <Icon name="clock" className="text-soft" />;
  return <Spinner className="mx-0.5 text-accent" />;
}

function StatusBadge({ job }: { job: Job }) {
  const t = useMessages(appText);
  if (isFailed(job.status)) return <Badge tone="danger">{t('statusFailed')}</Badge>;
  if (job.status === 'cancelled') return <Badge>{t('statusCancelled')}</Badge>;
  if (job.status === 'queued') return <Badge tone="warn">{t('statusQueued')}</Badge>;
  if (job.status !== 'completed') return <Badge tone="accent">{t('statusProcessing')}</Badge>;
  return <span className="sr-only">{t('statusCompleted')}</span>;
}

function RowMenu({ job, formats, onDelete, onCancel, onTags, onRename }: Pick<Props, 'job' | 'formats' | 'onDelete' | 'onCancel' | 'onTags'> & { onRename: () => void }) {
  const t = useMessages(libraryText);
  return (
    <Menu trigger={<IconButton icon="more" label={t('actions', { name: nameOf(job) })} />}>
      <MenuItem icon="pencil" onSelect={onRename}>
        {t('rename')}
      </MenuItem>
      <MenuItem icon="tag" onSelect={() => onTags(job)}>
        {t('editTags')}
      </MenuItem>
      <MenuItem icon="star" onSelect={() => void starJobs([job], !job.starred)}>
        {job.starred ? t('unstar') : t('star')}
      </MenuItem>
      <MenuItem icon="archive" onSelect={() => void archiveJobs([job], !job.archived)}>
        {job.archived ? t('unarchive') : t('toArchive')}
      </MenuItem>
      <MenuLine />
      {canDownload(job) ? (
        <>
          <MenuLabel>{t('downloadAs')}</MenuLabel>
          {formats.map((format) => (
            <MenuLink key={format.name} icon="download" href={downloadUrl(job, format.name)} download>
              {formatName(format)}
              <span className="ms-auto ps-4 font-mono text-xs text-soft">.{format.extension}</span>
            </MenuLink>
          ))}
          <MenuLine />
        </>
      ) : null}
      {canRestart(job) ? (
        <MenuItem icon="restart" onSelect={() => void restartJobs([job])}>
          {t('restart')}
        </MenuItem>
      ) : null}
      {canCancel(job) ? (
        <MenuItem icon="cancel" onSelect={() => onCancel(job)}>
          {t('cancel')}
        </MenuItem>
      ) : null}
      {canDelete(job) ? (
        <MenuItem icon="trash" danger onSelect={() => onDelete(job)}>
          {t('delete')}
        </MenuItem>
      ) : null}
    </Menu>
  );
}

/** By name where they have names, else how many: "Anna, Ben +2". */
function speakersOf(speakers: string[], counted: (count: number) => string): string | null {
  if (speakers.length === 0) return null;
  const named = speakers.filter(isNamed).slice(0, namesShown);
  if (named.length === 0) return counted(speakers.length);
  const more = speakers.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` +${formatNumber(more)}` : ''}`;
}

export function JobRow({ job: listed, formats, selecting, selected, onSelect, onDelete, onCancel, onTags, onTag, tag, matches }: Props) {
  const t = useMessages(libraryText);
  const ta = useMessages(appText);
  const job = useLatest(listed);
  const name = nameOf(job) || ta('noTitle');
  const [renaming, setRenaming] = useState(false);
  const language = job.detected_language ?? job.language;
  const running = job.status === 'processing' || job.status === 'enriching';
  const facts = [
    running ? t('percent', { percent: formatNumber(job.progress ?? 0) }) : null,
    job.status === 'queued' && job.queue_position ? t('queuePosition', { position: job.queue_position }) : null,
    job.duration ? formatClock(job.duration) : null,
    language && language !== 'auto' ? languageName(language) : null,
    speakersOf(job.speakers ?? [], (count) => t('speakers', { count })),
  ];
  return (
    <div className={cx('group flex min-h-16 items-start gap-3 rounded-xl px-2 py-2 sm:px-3', selected ? 'bg-accent-wash' : 'hover:bg-surface')}>
      {selecting ? (
        <label className="mt-1 grid size-9 shrink-0 place-items-center">
          <input
            type="checkbox"
            className="size-5 accent-accent"
            checked={selected}
            aria-label={t('selectOne', { name })}
            onChange={(event) => onSelect(event.target.checked, (event.nativeEvent as MouseEvent).shiftKey)}
          />
        </label>
      ) : (
        <span className="mt-1 grid size-9 shrink-0 place-items-center rounded-full bg-sunken">
          <StatusMark job={job} />
        </span>
      )}
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          {job.starred ? <Icon name="star" filled className="size-4 text-star sm:hidden" /> : null}
          {renaming ? <RenameField job={job} className="min-h-9 max-w-lg font-medium" onDone={() => setRenaming(false)} /> : null}
          <Link
            hidden={renaming}
            dir="auto"
            to="/transcript/$jobId"
            params={{ jobId: job.id }}
            className="truncate font-medium hover:underline hover:underline-offset-4"
            onClick={(event) => {
              if (!event.shiftKey) return;
              // Shift-click begins to select.
              event.preventDefault();
              onSelect(!selected, true);
            }}
          >
            {name}
          </Link>
          <StatusBadge job={job} />
          {job.archived ? <Badge>{t('archived')}</Badge> : null}
        </div>
        <p className="figures text-sm wrap-anywhere text-soft max-sm:line-clamp-2 sm:truncate">
          <FactLine
            facts={[
              ...facts,
              // Once, as short as the window asks for.
              <>
                <span className="sm:hidden">{formatAgo(job.created_at, Date.now(), 'short')}</span>
                <span className="max-sm:hidden">
                  <bdi>{formatAgo(job.created_at)}</bdi> · <bdi>{job.model}</bdi>
                </span>
              </>,
            ]}
          />
        </p>
        {running ? <Progress className="mt-1.5 max-w-md" value={job.progress ?? 0} label={name} /> : null}
        {job.tags && job.tags.length > 0 ? (
          <div className="mt-1.5 flex flex-wrap gap-1.5">
            {job.tags.map((one) => (
              <TagChip key={one} tag={one} on={one === tag} onClick={() => onTag(one)} />
            ))}
          </div>
        ) : null}
        {matches && matches.length > 0 ? <Matches jobId={job.id} matches={matches} /> : null}
      </div>
      <div className="flex shrink-0 items-center pt-0.5">
        <button
          type="button"
          aria-label={t('starOne', { name })}
          aria-pressed={job.starred === true}
          className={cx(
            'grid size-10 shrink-0 place-items-center rounded-lg transition-opacity hover:bg-sunken max-sm:hidden',
            job.starred ? 'text-star' : 'text-soft opacity-0 group-hover:opacity-100 focus-visible:opacity-100 [@media(hover:none)]:opacity-100',
          )}
          onClick={() => void starJobs([job], !job.starred)}
        >
          <Icon name="star" filled={job.starred} />
        </button>
        <RowMenu job={job} formats={formats} onDelete={onDelete} onCancel={onCancel} onTags={onTags} onRename={() => setRenaming(true)} />
      </div>
    </div>
  );
}
