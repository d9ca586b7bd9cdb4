// Figures of the server over the last minutes, out of its metrics (docs/metrics.md). Pure.

/** Sums of the series of each name; labels are passed over. */
export function readMetrics(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^([A-Za-z_:][\w:]*)(?:\{.*\})? (\S+)/.exec(line);
    if (!found) continue;
    const [name, value] = [found[1] as string, Number(found[2])];
    if (Number.isFinite(value)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return sums;
}

export interface Sample {
  /** Milliseconds of any steady clock. */
  readonly at: number;
  readonly metrics: ReadonlyMap<string, number>;
}

/** Five minutes at one every two seconds. */
export const SAMPLES_MAX = 150;

export function addSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples, sample].slice(-SAMPLES_MAX);
}

/** The values of a gauge; what was not told is no point. */
export function gauge(samples: readonly Sample[], name: string): (number | null)[] {
  return samples.map(({ metrics }) => metrics.get(name) ?? null);
}

/** Growth a second of a counter; a server that was started again counts from nought. */
export function rate(samples: readonly Sample[], name: string): (number | null)[] {
  return samples.map(({ at, metrics }, index) => {
    const before = samples[index - 1];
    const [from, to] = [before?.metrics.get(name), metrics.get(name)];
    if (before === undefined || from === undefined || to === undefined || at <= before.at || to < from) return null;
    return ((to - from) * 1_000) / (at - before.at);
  });
}

/** The least width of a drawing: the first minute fills it. */
const SLOTS_MIN = 30;

/** A line through the points in a box of this size, broken where there is no value; '' without any. */
export function linePath(values: readonly (number | null)[], top: number, width: number, height: number): string {
  const slots = Math.max(SLOTS_MIN, values.length);
  const step = width / (slots - 1);
  const first = slots - values.length;
  let path = '';
  let drawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      drawing = false;
      return;
    }
    const x = (first + index) * step;
    const y = height - (Math.min(value, top) / (top || 1)) * height;
    path += `${drawing ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
    drawing = true;
  });
  return path;
}

/** The end of a scale: 1, 2 or 5 times a power of ten that holds all values. */
export function scaleOf(values: readonly (number | null)[], least: number): number {
  const most = Math.max(least, ...values.map((value) => value ?? 0));
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((times) => times * power).find((end) => end >= most) ?? most;
}
