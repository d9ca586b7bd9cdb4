// Play, skip, speed, loop, and the waveform. At the top on wide screens, at the thumb on phones.
import { type ReactNode, useEffect, useRef } from 'react';
import { apiUrl } from '../api/client';
import { clock } from '../editor/time';
import { formatNumber } from '../i18n/format';
import { useMessages } from '../i18n/messages';
import { IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Icon } from '../ui/Icon';
import { Menu, MenuChoice } from '../ui/Menu';
import { useDesk, usePlayer } from './context';
import { RATES, SKIP_S } from './player';
import { transcriptText } from './text';
import { Waveform } from './Waveform';

function Clock() {
  const { player } = useDesk();
  const { duration } = usePlayer();
  const now = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const show = (seconds: number): void => {
      const text = clock(seconds);
      if (now.current && now.current.textContent !== text) now.current.textContent = text;
    };
    show(player.time);
    return player.onTime(show);
  }, [player]);
  return (
    <span dir="ltr" className="figures ms-2 shrink-0 text-sm whitespace-nowrap text-soft">
      <span ref={now} className="font-medium text-ink" />
      <span className="max-sm:hidden"> / {clock(duration)}</span>
    </span>
  );
}

function Speed() {
  const t = useMessages(transcriptText);
  const { player } = useDesk();
  const { rate } = usePlayer();
  const label = t('speedValue', { value: formatNumber(rate, 2) });
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t('speed')}: ${label}`}
          className="figures min-h-10 min-w-12 rounded-lg px-2 text-sm font-medium hover:bg-sunken max-sm:min-h-11"
        >
          {label}
        </button>
      }
    >
      <MenuChoice
        value={String(rate)}
        onChange={(value) => player.setRate(Number(value))}
        options={RATES.map((value) => ({
          value: String(value),
          label: t('speedValue', { value: formatNumber(value, 2) }),
        }))}
      />
    </Menu>
  );
}

export function Media({ jobId, video }: { jobId: string; video: boolean }) {
  const t = useMessages(transcriptText);
  const { player } = useDesk();
  const source = apiUrl('/jobs/{job_id}/audio', { path: { job_id: jobId } });
  if (!video) return <audio ref={player.attach} src={source} preload="metadata" />;
  return (
    <video
      ref={player.attach}
      src={source}
      preload="metadata"
      playsInline
      aria-label={t('noVideo')}
      className="mx-auto mb-3 max-h-[32dvh] w-full rounded-card bg-ink object-contain dark:bg-surface"
      onClick={() => player.toggle()}
    />
  );
}

export function PlayerBar({ jobId, tools }: { jobId: string; tools: ReactNode }) {
  const t = useMessages(transcriptText);
  const { player } = useDesk();
  const { playing, failed, loop } = usePlayer();
  return (
    <div className="flex flex-wrap items-center gap-x-1 rounded-card border border-line bg-surface px-2.5 py-1.5 shadow-card max-md:rounded-none max-md:border-x-0 max-md:border-b-0">
      {failed ? (
        <p className="basis-full py-1 text-sm text-soft">{t('noRecording')}</p>
      ) : (
        <div className="mb-1 flex min-w-0 basis-full items-center">
          <Waveform jobId={jobId} />
        </div>
      )}
      {/* Time runs to the right in every language, as in the waveform. */}
      <div dir="ltr" className="flex items-center gap-x-1">
        <IconButton icon="rewind" label={t('rewind')} disabled={failed} onClick={() => player.skip(-SKIP_S)} />
        <button
          type="button"
          aria-label={playing ? t('pause') : t('play')}
          disabled={failed}
          onClick={() => player.toggle()}
          className="grid size-10 shrink-0 place-items-center rounded-full bg-accent max-sm:size-11 text-on-accent hover:bg-accent-strong disabled:opacity-50"
        >
          <Icon name={playing ? 'pause' : 'play'} className={cx('size-5', playing ? 'stroke-3' : 'fill-current')} />
        </button>
        <IconButton icon="skip" label={t('skip')} disabled={failed} onClick={() => player.skip(SKIP_S)} />
        <Clock />
      </div>
      <Speed />
      <IconButton
        icon="loop"
        label={loop ? t('loopOff') : t('loop')}
        aria-pressed={loop !== null}
        className={cx('max-sm:hidden', loop && 'bg-warn-wash text-warn')}
        onClick={() =>
          loop ? player.setLoop(null) : player.setLoop({ from: Math.max(0, player.time - 5), to: player.time + 0.1 })
        }
      />
      <div className="ms-auto flex min-w-0 items-center">{tools}</div>
    </div>
  );
}
