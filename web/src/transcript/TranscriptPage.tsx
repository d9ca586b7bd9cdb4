// A finished transcript: reading, listening, correcting, exporting. Shown by screens/job/JobPage
// once the job has ended well.
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useState } from 'react';
import { ApiProblem } from '../api/problem';
import { nameOf } from '../api/details';
import { jobQuery, meQuery } from '../api/queries';
import { countDoubts } from '../editor/doubt';
import { addSpeaker } from '../editor/edits';
import type { Action } from '../editor/keymap';
import { countWords, newId, patchDoc } from '../editor/model';
import { wholeText } from '../editor/passage';
import { clock } from '../editor/time';
import { languageName } from '../i18n/format';
import { useMessages } from '../i18n/messages';
import { Button, IconButton } from '../ui/Button';
import { cx } from '../ui/cx';
import { Dialog } from '../ui/Dialog';
import { EmptyState } from '../ui/EmptyState';
import { copyText, ErrorPanel } from '../ui/ErrorPanel';
import { Icon } from '../ui/Icon';
import { Menu, MenuItem } from '../ui/Menu';
import { toast } from '../ui/Toast';
import { Conflicts } from './Conflicts';
import { DeskContext, useDesk, useDeskView, useSnapshot } from './context';
import { Desk, keepTimes, type Panel } from './desk';
import { Details, Title } from './Details';
import { ExportDialog, ExportMenu } from './Export';
import { FindBar } from './FindBar';
import { JumpDialog } from './Jump';
import { KeysDialog } from './Keys';
import { secondOf } from './link';
import { NotesDialog, NotesRail } from './Notes';
import { type Failure, type OpenTranscript, openTranscript } from './openSession';
import { Player, SKIP_S } from './player';
import { Media, PlayerBar } from './PlayerBar';
import { SaveStatus } from './SaveStatus';
import { SpeakersPanel } from './Speakers';
import { transcriptText, type TranscriptKey } from './text';
import './transcript.css';
import { BackToNow, TurnList } from './TurnList';
import { loadKeys, useKeys } from './useKeys';
import { VersionsDialog } from './Versions';

function useOpen(
  jobId: string,
  user: string | null,
): { open: OpenTranscript | null; failure: Failure | null; again: () => void } {
  const [open, setOpen] = useState<OpenTranscript | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (user === null) return undefined;
    let stopped = false;
    let opened: OpenTranscript | null = null;
    setFailure(null);
    void openTranscript(jobId, user).then((result) => {
      if (!('session' in result)) {
        if (!stopped) setFailure(result);
        return;
      }
      if (stopped) result.close();
      else setOpen((opened = result));
    });
    return () => {
      stopped = true;
      setOpen(null);
      opened?.close();
    };
  }, [jobId, user, attempt]);
  return { open, failure, again: () => setAttempt((now) => now + 1) };
}

export function TranscriptPage({ jobId }: { jobId: string }) {
  const job = useQuery(jobQuery(jobId)).data;
  const me = useQuery(meQuery).data;
  const user = me ? (me.id ?? me.username ?? 'one') : null;
  const { open, failure, again } = useOpen(jobId, user);
  const title = nameOf(job);
  useEffect(() => {
    document.title = `${title} · Whisper Transcriber`;
  }, [title]);
  if (user !== null) loadKeys(user);
  const desk = useMemo(() => {
    if (!open) return null;
    const player = new Player(open.session.doc.duration);
    const start = secondOf(location.search);
    if (start !== null) player.seek(start);
    return new Desk(open.session, player);
  }, [open]);
  useEffect(() => {
    if (!desk) return;
    const find = new URLSearchParams(location.search).get('find')?.replace(/^"|"$/g, '');
    if (find) {
      desk.set({ panel: 'find', replacing: false });
      desk.searchFrom(find, desk.player.time);
    } else if (desk.player.time > 0) {
      requestAnimationFrame(() => desk.follow());
    }
  }, [desk]);
  if (failure) return <Failed failure={failure} onRetry={again} />;
  if (!desk) return <Loading title={title} />;
  return (
    <DeskContext value={desk}>
      <Editor jobId={jobId} video={job?.has_video === true} key={jobId} />
    </DeskContext>
  );
}

function Failed({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const t = useMessages(transcriptText);
  const status =
    failure.kind === 'later' ? 0 : failure.kind === 'refused' ? failure.status : failure.kind === 'missing' ? 404 : 401;
  const message =
    failure.kind === 'refused'
      ? failure.message
      : failure.kind === 'missing'
        ? t('missing')
        : failure.kind === 'signedOut'
          ? t('signedOut')
          : '';
  return (
    <div className="mx-auto max-w-3xl px-4 py-9">
      <ErrorPanel
        title={t('loadFailed')}
        error={new ApiProblem({ status, code: failure.kind, message })}
        consequence={t('loadNext')}
        onRetry={onRetry}
      />
    </div>
  );
}

function Loading({ title }: { title: string }) {
  const t = useMessages(transcriptText);
  return (
    <div role="status" aria-label={t('loading')} className="mx-auto flex max-w-5xl flex-col gap-4 px-4 py-6 sm:px-8">
      <h1 className="min-h-9 font-serif text-2xl font-semibold">
        <bdi>{title}</bdi>
      </h1>
      <div className="skeleton h-16" />
      {[92, 78, 85, 60, 88, 70].map((width) => (
        <div key={width} className="skeleton h-5" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

function Meta() {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  // Counting 60,000 words can wait until the letter that was typed is on the screen.
  const doc = useDeferredValue(useSnapshot((snapshot) => snapshot.doc));
  const counts = useMemo(() => ({ words: countWords(doc), doubts: countDoubts(doc) }), [doc]);
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-soft">
      <span className="figures">{clock(doc.duration)}</span>
      {doc.language ? <span>{languageName(doc.language)}</span> : null}
      <span className="figures">{t('words', { count: counts.words })}</span>
      {counts.doubts > 0 ? (
        <button
          type="button"
          title={t('doubtWalk')}
          className="figures min-h-6 rounded underline decoration-dotted underline-offset-4 hover:text-ink"
          onClick={() => desk.walk(1)}
        >
          {t('doubts', { count: counts.doubts })}
        </button>
      ) : (
        <span>{t('noDoubts')}</span>
      )}
    </p>
  );
}

function Header({ jobId }: { jobId: string }) {
  const t = useMessages(transcriptText);
  const job = useQuery(jobQuery(jobId)).data;
  return (
    <header className="mb-4">
      <Link to="/" className="mb-2 inline-flex min-h-8 items-center gap-1.5 rounded text-sm text-soft hover:text-ink">
        <Icon name="back" className="size-4 rtl:rotate-180" />
        {t('back')}
      </Link>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          {job ? <Title job={job} /> : null}
          <Meta />
          {job ? <Details job={job} /> : null}
        </div>
        <div className="flex items-center justify-between gap-3 max-sm:w-full">
          <div className="min-w-0 sm:hidden">
            <SaveStatus />
          </div>
          <ExportMenu jobId={jobId} />
        </div>
      </div>
    </header>
  );
}

function step(
  desk: Desk,
  move: 'undo' | 'redo',
  t: (key: TranscriptKey, values?: Record<string, string>) => string,
): void {
  const label = desk.session[move]();
  if (label === null) return;
  const turn = desk.session.snapshot.focus?.turn;
  if (turn) desk.show(turn);
  const key = `edit_${label}`;
  if (key in transcriptText.en && label !== 'type') {
    toast(t(move === 'undo' ? 'undone' : 'redone', { what: t(key as TranscriptKey) }));
  }
}

async function copyAll(desk: Desk, said: string): Promise<void> {
  if (await copyText(wholeText(desk.session.doc))) toast(said);
}

function Tools() {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const canUndo = useSnapshot((snapshot) => snapshot.canUndo);
  const canRedo = useSnapshot((snapshot) => snapshot.canRedo);
  const times = useDeskView((view) => view.times);
  const open = (panel: Panel): void =>
    desk.set({ panel, replacing: false });
  return (
    <>
      <div className="me-2 min-w-0 max-sm:hidden">
        <SaveStatus />
      </div>
      <IconButton
        icon="undo"
        label={t('undo')}
        disabled={!canUndo}
        className="max-sm:hidden"
        onClick={() => step(desk, 'undo', t)}
      />
      <IconButton
        icon="redo"
        label={t('redo')}
        disabled={!canRedo}
        className="max-sm:hidden"
        onClick={() => step(desk, 'redo', t)}
      />
      <IconButton icon="user" label={t('speakers')} className="xl:hidden" onClick={() => open('speakers')} />
      <IconButton icon="search" label={t('find')} className="max-sm:hidden" onClick={() => open('find')} />
      <Menu trigger={<IconButton icon="more" label={t('more')} />}>
        {canUndo ? (
          <MenuItem icon="undo" onSelect={() => step(desk, 'undo', t)}>
            {t('undo')}
          </MenuItem>
        ) : null}
        {canRedo ? (
          <MenuItem icon="redo" onSelect={() => step(desk, 'redo', t)}>
            {t('redo')}
          </MenuItem>
        ) : null}
        <MenuItem icon="search" onSelect={() => open('find')}>
          {t('find')}
        </MenuItem>
        <MenuItem icon="copy" onSelect={() => void copyAll(desk, t('copiedAll'))}>
          {t('copyAll')}
        </MenuItem>
        <MenuItem icon="download" onSelect={() => open('export')}>
          {t('exportTitle')}
        </MenuItem>
        <MenuItem icon={times ? 'eyeOff' : 'eye'} onSelect={() => desk.set({ times: keepTimes(!times) })}>
          {times ? t('hideTimes') : t('showTimes')}
        </MenuItem>
        <MenuItem icon="note" onSelect={() => open('notes')}>
          {t('turnNotes')}
        </MenuItem>
        <MenuItem icon="history" onSelect={() => open('versions')}>
          {t('versions')}
        </MenuItem>
        <MenuItem icon="clock" onSelect={() => open('jump')}>
          {t('jumpTo')}
        </MenuItem>
        <MenuItem icon="keyboard" onSelect={() => open('keys')}>
          {t('keys')}
        </MenuItem>
      </Menu>
    </>
  );
}

function Panels({ jobId }: { jobId: string }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const panel = useDeskView((view) => view.panel);
  const close = (): void => desk.set({ panel: null });
  if (panel === 'export') return <ExportDialog jobId={jobId} onClose={close} />;
  if (panel === 'versions') return <VersionsDialog jobId={jobId} onClose={close} />;
  if (panel === 'keys') return <KeysDialog onClose={close} />;
  if (panel === 'notes') return <NotesDialog onClose={close} />;
  if (panel === 'jump') return <JumpDialog onClose={close} />;
  if (panel !== 'speakers') return null;
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title={t('speakers')}>
      <SpeakersPanel />
    </Dialog>
  );
}

/** What each key does. */
function useActions(): (action: Action) => void {
  const desk = useDesk();
  const t = useMessages(transcriptText);
  const navigate = useNavigate();
  return useCallback(
    (action: Action) => {
      const { player } = desk;
      const doing: Record<Action, () => unknown> = {
        playPause: () => player.toggle(),
        back: () => player.skip(-SKIP_S),
        forward: () => player.skip(SKIP_S),
        slower: () => player.changeRate(-1),
        faster: () => player.changeRate(1),
        doubtPrevious: () => desk.walk(-1) || toast(t('noDoubts')),
        doubtNext: () => desk.walk(1) || toast(t('noDoubts')),
        accept: () => desk.accept(),
        fixEverywhere: () => {
          const count = desk.fixEverywhere();
          toast(count > 0 ? t('fixedEverywhere', { count }) : t('fixNothing'));
        },
        insertTime: () => desk.insertTime(`[${clock(player.time)}]`),
        jumpToTime: () => desk.set({ panel: 'jump' }),
        find: () => desk.set({ panel: 'find', replacing: false }),
        replace: () => desk.set({ panel: 'find', replacing: true }),
        findInLibrary: () =>
          void navigate({
            to: '/',
            search: { q: document.getSelection()?.toString().slice(0, 100) || desk.view.query || undefined },
          }),
        toPlayhead: () => desk.follow(),
        loop: () =>
          player.setLoop(player.view.loop ? null : { from: Math.max(0, player.time - 5), to: player.time + 0.1 }),
        setIn: () => player.loopFrom(),
        setOut: () => player.loopTo(),
        export: () => desk.set({ panel: 'export' }),
        undo: () => step(desk, 'undo', t),
        redo: () => step(desk, 'redo', t),
        help: () => desk.set({ panel: 'keys' }),
      };
      doing[action]();
    },
    [desk, navigate, t],
  );
}

function EmptyTranscript() {
  const t = useMessages(transcriptText);
  const { session } = useDesk();
  const write = (): void => {
    const doc = session.doc.speakers.size === 0 ? addSpeaker(session.doc, t('newSpeaker', { count: 1 })) : session.doc;
    const turn = {
      id: newId('t'),
      pos: 'V',
      rev: 0,
      speaker: [...doc.speakers.keys()][0] ?? null,
      start: 0,
      end: doc.duration,
      note: '',
      words: [],
    };
    session.commit(patchDoc(doc, { putTurns: [turn] }), 'insert');
  };
  return (
    <EmptyState icon="wave" title={t('emptyTranscript')}>
      <p>{t('emptyTranscriptHint')}</p>
      <Button icon="plus" onClick={write}>
        {t('firstTurn')}
      </Button>
    </EmptyState>
  );
}

function Rail({ children }: { children: ReactNode }) {
  return (
    <aside className="sticky top-6 hidden max-h-[calc(100dvh-3rem)] w-72 shrink-0 self-start overflow-y-auto xl:block">
      {children}
    </aside>
  );
}

function Editor({ jobId, video }: { jobId: string; video: boolean }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const panel = useDeskView((view) => view.panel);
  const empty = useSnapshot((snapshot) => snapshot.doc.order.length === 0);
  const keeps = useSnapshot((snapshot) => snapshot.keeps);
  const run = useActions();
  const assign = useCallback((speaker: number) => desk.assign(speaker), [desk]);
  useKeys(run, assign, panel === null || panel === 'find');
  return (
    <div className={cx('mx-auto flex w-full max-w-[76rem] gap-8 px-4 pt-5 sm:px-8 md:pb-24', panel === 'find' ? 'pb-96' : 'pb-40')}>
      <div className="min-w-0 flex-1">
        <Header jobId={jobId} />
        <Media jobId={jobId} video={video} />
        <div className="sticky top-0 z-20 -mx-2 bg-paper px-2 pt-2 pb-2 max-md:fixed max-md:inset-x-0 max-md:top-auto max-md:bottom-[calc(3.5rem+env(safe-area-inset-bottom))] max-md:mx-0 max-md:flex max-md:flex-col-reverse max-md:p-0">
          <PlayerBar jobId={jobId} tools={<Tools />} />
          {panel === 'find' ? <FindBar /> : null}
        </div>
        <div className="mt-4 [--turn-top:8rem] max-md:[--turn-top:0rem]">
          {keeps ? null : <p className="mb-3 rounded-lg bg-warn-wash px-3 py-2 text-sm">{t('notKept')}</p>}
          <Conflicts />
          {empty ? <EmptyTranscript /> : <TurnList />}
        </div>
        <BackToNow />
      </div>
      <Rail>
        <h2 className="mb-2 font-serif text-lg font-semibold">{t('speakers')}</h2>
        <SpeakersPanel />
        <NotesRail />
      </Rail>
      <Panels jobId={jobId} />
    </div>
  );
}
