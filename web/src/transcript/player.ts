// The recording and its playback: one media element, told about by a small store.
//
// The current time is read by whoever draws (it changes with every frame); what changes rarely
// (playing, speed, loop) is in the snapshot. One thread.

export interface Loop {
  readonly from: number;
  readonly to: number;
}

export interface PlayerView {
  readonly playing: boolean;
  readonly rate: number;
  readonly duration: number;
  readonly loop: Loop | null;
  readonly failed: boolean;
}

export const RATES = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3] as const;
/** After a pause, playback goes on a little earlier: one has to find the thread again. */
export const RESUME_REWIND_S = 1.5;
/** A pause shorter than this is a slip of the finger. */
const REWIND_AFTER_MS = 500;
export const SKIP_S = 3;

export class Player {
  private element: HTMLMediaElement | null = null;
  private readonly listeners = new Set<() => void>();
  private readonly frames = new Set<(seconds: number) => void>();
  private frame = 0;
  private pausedAt = 0;
  /** Where to begin once the element knows the recording. */
  private wanted: number | null = null;
  view: PlayerView;

  constructor(duration: number) {
    this.view = { playing: false, rate: 1, duration, loop: null, failed: false };
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  getView = (): PlayerView => this.view;

  /** Called with the time on each frame while it plays, and after each jump. */
  onTime(listener: (seconds: number) => void): () => void {
    this.frames.add(listener);
    return () => this.frames.delete(listener);
  }

  private set(change: Partial<PlayerView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  attach = (element: HTMLMediaElement | null): (() => void) | undefined => {
    if (!element) return undefined;
    this.element = element;
    element.preservesPitch = true;
    const on: [string, () => void][] = [
      ['play', () => this.started()],
      ['pause', () => this.stopped()],
      ['ended', () => this.stopped()],
      ['seeked', () => this.tell()],
      ['loadedmetadata', () => this.loaded()],
      ['error', () => this.set({ failed: true, playing: false })],
    ];
    for (const [name, handler] of on) element.addEventListener(name, handler);
    return () => {
      for (const [name, handler] of on) element.removeEventListener(name, handler);
      cancelAnimationFrame(this.frame);
      this.element = null;
    };
  };

  private loaded(): void {
    const element = this.element;
    if (!element) return;
    element.playbackRate = this.view.rate;
    if (Number.isFinite(element.duration) && element.duration > 0)
      this.set({ duration: element.duration, failed: false });
    if (this.wanted !== null) element.currentTime = this.wanted;
    this.wanted = null;
  }

  private started(): void {
    this.set({ playing: true });
    cancelAnimationFrame(this.frame);
    const step = (): void => {
      this.tell();
      const { loop } = this.view;
      if (loop && this.time >= loop.to) this.seek(loop.from);
      this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private stopped(): void {
    cancelAnimationFrame(this.frame);
    this.pausedAt = performance.now();
    this.set({ playing: false });
    this.tell();
  }

  private tell(): void {
    for (const listener of [...this.frames]) listener(this.time);
  }

  get time(): number {
    return this.wanted ?? this.element?.currentTime ?? 0;
  }

  seek(seconds: number): void {
    const at = Math.max(0, Math.min(seconds, this.view.duration || seconds));
    if (this.element && this.element.readyState > 0) this.element.currentTime = at;
    else this.wanted = at;
    // A jump of one's own is where one wants to go on: no rewind after it.
    this.pausedAt = performance.now();
    this.tell();
  }

  skip(seconds: number): void {
    this.seek(this.time + seconds);
  }

  toggle(): void {
    const element = this.element;
    if (!element || this.view.failed) return;
    if (!element.paused) {
      element.pause();
      return;
    }
    if (this.pausedAt > 0 && performance.now() - this.pausedAt > REWIND_AFTER_MS) {
      element.currentTime = Math.max(0, element.currentTime - RESUME_REWIND_S);
    }
    // Refused where the browser wants a gesture first; the button then simply stays "play".
    element.play().catch(() => this.set({ playing: false }));
  }

  play(): void {
    if (this.element?.paused) this.element.play().catch(() => this.set({ playing: false }));
  }

  setRate(rate: number): void {
    if (this.element) this.element.playbackRate = rate;
    this.set({ rate });
  }

  changeRate(step: 1 | -1): void {
    const index = RATES.findIndex((rate) => rate >= this.view.rate - 1e-6);
    const next = RATES[Math.max(0, Math.min(RATES.length - 1, (index < 0 ? RATES.length - 1 : index) + step))];
    if (next !== undefined) this.setRate(next);
  }

  setLoop(loop: Loop | null): void {
    this.set({ loop: loop && loop.to - loop.from >= 0.1 ? loop : null });
  }

  loopFrom(): void {
    const from = this.time;
    this.setLoop({ from, to: Math.max(this.view.loop?.to ?? 0, from + 2) });
  }

  loopTo(): void {
    const to = this.time;
    const from = this.view.loop?.from ?? 0;
    this.setLoop({ from: from < to ? from : Math.max(0, to - 2), to });
  }
}
