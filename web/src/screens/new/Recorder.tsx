// Recording with the microphone. Every two seconds go to IndexedDB, so that a reload or a crash of
// the browser costs at most that.
import { useCallback, useEffect, useRef, useState } from 'react';
import { formatClock, formatDateTime } from '../../i18n/format';
import { useMessages } from '../../i18n/messages';
import { Button } from '../../ui/Button';
import { ConfirmDialog } from '../../ui/Dialog';
import { ErrorPanel } from '../../ui/ErrorPanel';
import { dropRecording, keepRecording, keptRecordings, type KeptRecording } from '../../uploads/keep';
import { newText } from './text';

const pieceMs = 2_000;

type Trouble = 'micDenied' | 'micMissing' | 'micInsecure' | 'micUnsupported';

function troubleOf(error: unknown): Trouble {
  if (error instanceof DOMException && error.name === 'NotFoundError') return 'micMissing';
  return 'micDenied';
}

interface Run {
  recorder: MediaRecorder;
  stream: MediaStream;
  context: AudioContext;
  kept: KeptRecording;
}

export function Recorder({ onSend }: { onSend: (file: File, seconds: number) => void }) {
  const t = useMessages(newText);
  const run = useRef<Run | null>(null);
  const [state, setState] = useState<'idle' | 'recording' | 'paused'>('idle');
  const [seconds, setSeconds] = useState(0);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [kept, setKept] = useState<KeptRecording[]>([]);
  const [doomed, setDoomed] = useState<KeptRecording | null>(null);
  const level = useRef<HTMLDivElement>(null);

  const reload = useCallback(async () => setKept(await keptRecordings()), []);
  useEffect(() => {
    void reload();
    return () => {
      if (run.current && run.current.recorder.state !== 'inactive') run.current.recorder.stop();
    };
  }, [reload]);

  useEffect(() => {
    if (state !== 'recording') return undefined;
    const timer = setInterval(() => {
      if (run.current) run.current.kept.seconds += 0.25;
      setSeconds(run.current?.kept.seconds ?? 0);
    }, 250);
    return () => clearInterval(timer);
  }, [state]);

  const watchLevel = (stream: MediaStream, context: AudioContext) => {
    const analyser = context.createAnalyser();
    analyser.fftSize = 512;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    const draw = () => {
      if (context.state === 'closed') return;
      analyser.getByteTimeDomainData(samples);
      let peak = 0;
      for (const sample of samples) peak = Math.max(peak, Math.abs(sample - 128));
      if (level.current) level.current.style.width = `${Math.min(100, (peak / 128) * 140)}%`;
      requestAnimationFrame(draw);
    };
    draw();
  };

  const start = async () => {
    setTrouble(null);
    if (!window.isSecureContext || !navigator.mediaDevices) return setTrouble('micInsecure');
    if (typeof MediaRecorder === 'undefined') return setTrouble('micUnsupported');
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (error) {
      return setTrouble(troubleOf(error));
    }
    const recorder = new MediaRecorder(stream);
    const record: KeptRecording = { id: `r${Date.now()}`, startedAt: Date.now(), type: recorder.mimeType, seconds: 0, pieces: [] };
    const context = new AudioContext();
    run.current = { recorder, stream, context, kept: record };
    recorder.ondataavailable = (event) => {
      if (event.data.size === 0) return;
      record.pieces.push(event.data);
      void keepRecording(record);
    };
    recorder.onstop = async () => {
      for (const track of stream.getTracks()) track.stop();
      await context.close();
      await keepRecording(record);
      run.current = null;
      setState('idle');
      await reload();
    };
    recorder.start(pieceMs);
    watchLevel(stream, context);
    setSeconds(0);
    setState('recording');
    return undefined;
  };

  const togglePause = () => {
    const recorder = run.current?.recorder;
    if (!recorder) return;
    if (state === 'recording') recorder.pause();
    else recorder.resume();
    setState(state === 'recording' ? 'paused' : 'recording');
  };

  const nameOf = (record: KeptRecording) => t('recordingName', { date: formatDateTime(record.startedAt) });
  const send = async (record: KeptRecording) => {
    const ending = record.type.includes('mp4') ? 'm4a' : record.type.includes('ogg') ? 'ogg' : 'webm';
    const name = `${nameOf(record).replace(/[:/\\]/g, '-')}.${ending}`;
    onSend(new File(record.pieces, name, { type: record.type.split(';')[0] || 'audio/webm', lastModified: record.startedAt }), record.seconds);
    await dropRecording(record.id);
    await reload();
  };

  return (
    <div className="flex flex-col gap-5">
      <div className="card flex flex-col items-center gap-5 px-6 py-10 text-center">
        <p className="figures font-serif text-5xl font-semibold" aria-live="off">
          {formatClock(seconds)}
        </p>
        <p role="status" className="text-soft">
          {state === 'recording' ? t('recording') : state === 'paused' ? t('recordingPaused') : t('recordHint')}
        </p>
        {state === 'idle' ? null : (
          <div className="h-2 w-full max-w-sm overflow-hidden rounded-full bg-sunken" role="img" aria-label={t('micLevel')}>
            <div ref={level} className="h-full w-0 rounded-full bg-accent" />
          </div>
        )}
        <div className="flex gap-2">
          {state === 'idle' ? (
            <Button look="primary" icon="mic" onClick={() => void start()}>
              {t('record')}
            </Button>
          ) : (
            <>
              <Button icon={state === 'recording' ? 'pause' : 'play'} onClick={togglePause}>
                {state === 'recording' ? t('pauseRecording') : t('resumeRecording')}
              </Button>
              <Button look="primary" icon="stop" onClick={() => run.current?.recorder.stop()}>
                {t('stopRecording')}
              </Button>
            </>
          )}
        </div>
      </div>
      {trouble ? <ErrorPanel title={t(trouble)} next={trouble === 'micUnsupported' ? t('micInsecureNext') : t(`${trouble}Next`)} /> : null}
      {state === 'idle' && kept.length > 0 ? (
        <section className="card px-4 py-3">
          <h2 className="py-1 text-sm font-semibold">{t('recordings')}</h2>
          <ul className="divide-y divide-line">
            {kept.map((record) => (
              <li key={record.id} className="flex flex-wrap items-center gap-3 py-2.5">
                <div className="min-w-0 flex-1">
                  <p className="text-sm font-medium">{nameOf(record)}</p>
                  <p className="figures text-xs text-soft">{formatClock(record.seconds)}</p>
                </div>
                <Button look="quiet" onClick={() => setDoomed(record)}>
                  {t('discard')}
                </Button>
                <Button look="primary" onClick={() => void send(record)}>
                  {t('transcribe')}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={() => setDoomed(null)}
        title={t('discardTitle')}
        description={t('discardHint')}
        action={t('discard')}
        onConfirm={async () => {
          if (doomed) await dropRecording(doomed.id);
          setDoomed(null);
          await reload();
        }}
      />
    </div>
  );
}
