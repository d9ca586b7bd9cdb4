// The recording as a picture: the server's peaks, who speaks when, where the sound is. Our own
// canvas and not wavesurfer.js: docs/adr/0021-transcript-editor.md says why.
import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { clock, turnsInOrder } from '../editor/time';
import { useMessages } from '../i18n/messages';
import { useDesk, usePlayer, useSnapshot } from './context';
import { SKIP_S } from './player';
import { transcriptText } from './text';
import { readPeaks } from './transport';

/** Two values a pixel of a wide screen; some 14 kB on the wire. */
const POINTS = 2_000;
/** Height of the strip of speakers under the wave. */
const STRIP_PX = 4;
const STRIP_AFTER_MS = 150;

interface Colours {
  readonly wave: string;
  readonly played: string;
  readonly voices: readonly string[];
  readonly nobody: string;
}

function colours(element: HTMLElement): Colours {
  // A name stands for two colours; only a property that is one says which of them it is now.
  const probe = element.ownerDocument.createElement('span');
  element.append(probe);
  const named = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    wave: named('--color-line-strong'),
    played: named('--color-accent'),
    voices: Array.from({ length: 8 }, (_, index) => named(`--voice-${index}`)),
    nobody: named('--color-line'),
  };
  probe.remove();
  return found;
}

function drawWave(canvas: HTMLCanvasElement, peaks: readonly number[], colour: string): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour;
  const points = peaks.length / 2;
  const ratio = window.devicePixelRatio || 1;
  const room = height - (STRIP_PX + 2) * ratio;
  // Quiet recordings are drawn as high as loud ones: the shape matters, not the level.
  const loudest = peaks.reduce((most, value) => Math.max(most, Math.abs(value)), 8);
  const bar = Math.max(1, Math.round(2 * ratio));
  for (let x = 0; x < width; x += bar + Math.max(1, Math.round(ratio))) {
    const from = Math.floor((x / width) * points);
    const to = Math.max(from + 1, Math.ceil(((x + bar) / width) * points));
    let low = 0;
    let high = 0;
    for (let index = from; index < to && index < points; ++index) {
      low = Math.min(low, peaks[index * 2] ?? 0);
      high = Math.max(high, peaks[index * 2 + 1] ?? 0);
    }
    const size = Math.max(ratio, ((high - low) / (2 * loudest)) * room);
    context.fillRect(x, (room - size) / 2, bar, size);
  }
}

function useSize(element: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const here = element.current;
    if (!here) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: here.clientWidth, height: here.clientHeight }));
    observer.observe(here);
    return () => observer.disconnect();
  }, [element]);
  return size;
}

/** Counts up when the theme changes, so that pictures are drawn anew. */
function useThemeCount(): number {
  const [count, setCount] = useState(0);
  useEffect(() => {
    const observer = new MutationObserver(() => setCount((now) => now + 1));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return count;
}

interface Parts {
  readonly frame: RefObject<HTMLDivElement | null>;
  readonly wave: RefObject<HTMLCanvasElement | null>;
  readonly played: RefObject<HTMLCanvasElement | null>;
  readonly strip: RefObject<HTMLCanvasElement | null>;
  readonly head: RefObject<HTMLDivElement | null>;
}

/** The peaks; null while they are on their way. */
function usePeaks(jobId: string): { peaks: readonly number[] | null; failed: boolean } {
  const [peaks, setPeaks] = useState<readonly number[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    readPeaks(jobId, POINTS, stop.signal).then(
      (answer) => setPeaks(Array.isArray(answer.data) ? answer.data : []),
      (error: unknown) => setFailed(!(error instanceof DOMException)),
    );
    return () => stop.abort();
  }, [jobId]);
  return { peaks, failed };
}

/** The wave twice: as it is, and as it looks where it has been played. */
function useWave({ frame, wave, played }: Parts, peaks: readonly number[] | null): number {
  const { width, height } = useSize(frame);
  const theme = useThemeCount();
  useEffect(() => {
    const here = frame.current;
    if (!here || width === 0 || !peaks) return;
    const ratio = window.devicePixelRatio || 1;
    const look = colours(here);
    const layers = [
      [wave.current, look.wave],
      [played.current, look.played],
    ] as const;
    for (const [canvas, colour] of layers) {
      if (!canvas) continue;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      drawWave(canvas, peaks, colour);
    }
    here.dataset.drawn = 'true';
    performance.mark('waveform-drawn');
  }, [peaks, width, height, theme, frame, wave, played]);
  return width;
}

/** Who speaks when, under the wave. */
function useStrip({ frame, strip }: Parts, width: number, duration: number): void {
  const { session } = useDesk();
  const { turns, speakers } = useSnapshot((snapshot) => snapshot.doc);
  const theme = useThemeCount();
  const draw = useCallback(() => {
    const canvas = strip.current;
    const context = canvas?.getContext('2d');
    if (!canvas || !context || !frame.current || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    const look = colours(frame.current);
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(STRIP_PX * ratio);
    for (const turn of turnsInOrder(session.doc)) {
      const speaker = turn.speaker === null ? undefined : speakers.get(turn.speaker);
      context.fillStyle = speaker ? (look.voices[((speaker.color % 8) + 8) % 8] ?? look.nobody) : look.nobody;
      const x = (turn.start / duration) * canvas.width;
      context.fillRect(x, 0, Math.max(1, ((turn.end - turn.start) / duration) * canvas.width), canvas.height);
    }
  }, [speakers, width, duration, session, frame, strip]);
  // Not with each letter: who speaks when seldom changes.
  useEffect(() => {
    const timer = setTimeout(draw, STRIP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [draw, turns, theme]);
}

/** Where the sound is; without rendering, some 60 times a second. */
function useHead({ frame, played, head }: Parts, width: number, duration: number): void {
  const { player } = useDesk();
  useEffect(() => {
    const show = (seconds: number): void => {
      const part = Math.min(1, Math.max(0, seconds / duration));
      if (played.current) played.current.style.clipPath = `inset(0 ${(1 - part) * 100}% 0 0)`;
      if (head.current) head.current.style.transform = `translateX(${part * width}px)`;
      const here = frame.current;
      const second = String(Math.floor(seconds));
      if (!here || here.dataset.second === second) return;
      here.dataset.second = second;
      here.setAttribute('aria-valuenow', second);
      here.setAttribute('aria-valuetext', clock(seconds));
    };
    show(player.time);
    return player.onTime(show);
  }, [player, duration, width, frame, played, head]);
}

function LoopMark({ duration }: { duration: number }) {
  const { loop } = usePlayer();
  if (!loop) return null;
  const part = (seconds: number): string => `${(seconds / duration) * 100}%`;
  return (
    <div
      className="absolute inset-y-0 border-x-2 border-warn bg-warn/15"
      style={{ left: part(loop.from), width: part(loop.to - loop.from) }}
    />
  );
}

export function Waveform({ jobId }: { jobId: string }) {
  const t = useMessages(transcriptText);
  const desk = useDesk();
  const { player } = desk;
  const parts: Parts = {
    frame: useRef<HTMLDivElement>(null),
    wave: useRef<HTMLCanvasElement>(null),
    played: useRef<HTMLCanvasElement>(null),
    strip: useRef<HTMLCanvasElement>(null),
    head: useRef<HTMLDivElement>(null),
  };
  const duration = usePlayer().duration || desk.session.doc.duration || 1;
  const { peaks, failed } = usePeaks(jobId);
  const width = useWave(parts, peaks);
  useStrip(parts, width, duration);
  useHead(parts, width, duration);

  const seekTo = (event: PointerEvent<HTMLElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * duration);
    desk.follow();
  };
  const keys = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: -SKIP_S, ArrowRight: SKIP_S, PageUp: -30, PageDown: 30 };
    const step = { ...steps, Home: -duration, End: duration }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    player.skip(step);
  };
  return (
    <div
      ref={parts.frame}
      dir="ltr"
      role="slider"
      tabIndex={0}
      aria-label={t('seek')}
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration)}
      aria-valuenow={0}
      className="relative h-12 min-w-0 flex-1 cursor-pointer touch-none overflow-hidden rounded-md max-md:h-10"
      onKeyDown={keys}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && seekTo(event)}
    >
      <canvas ref={parts.wave} className="absolute inset-0 size-full" />
      <canvas ref={parts.played} className="absolute inset-0 size-full" />
      <canvas ref={parts.strip} className="absolute inset-x-0 bottom-0 h-1 w-full rounded-full" />
      <LoopMark duration={duration} />
      <div ref={parts.head} className="pointer-events-none absolute inset-y-0 left-0 w-0.5 rounded-full bg-accent-strong" />
      {peaks === null && !failed ? <div className="skeleton absolute inset-x-0 top-4 bottom-5" /> : null}
      {failed ? <p className="absolute inset-x-0 top-2 text-center text-xs text-soft">{t('noPeaks')}</p> : null}
    </div>
  );
}
