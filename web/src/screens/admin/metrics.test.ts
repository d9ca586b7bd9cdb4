import { describe, expect, it } from 'vitest';
import { addSample, gauge, linePath, rate, readMetrics, type Sample, SAMPLES_MAX, scaleOf } from './metrics';

const sample = (at: number, value?: number): Sample => ({ at, metrics: new Map(value === undefined ? [] : [['x', value]]) });

describe('readMetrics', () => {
  it('sums the series of a name and passes over the rest', () => {
    const text = '# HELP a Things.\n# TYPE a counter\na{kind="one } two"} 2\na{kind="b"} 3.5\nb 1e3\nc NaN\nd +Inf\nnonsense\n';
    expect(readMetrics(text)).toEqual(new Map([['a', 5.5], ['b', 1_000]]));
  });
});

describe('figures over time', () => {
  it('keeps the last ones', () => {
    let all: readonly Sample[] = [];
    for (let at = 0; at < SAMPLES_MAX + 5; ++at) all = addSample(all, sample(at, at));
    expect(all).toHaveLength(SAMPLES_MAX);
    expect(all[0]?.at).toBe(5);
  });
  it('makes a rate of a counter, and none across a new start or a gap', () => {
    const all = [sample(0, 10), sample(2_000, 14), sample(4_000, 1), sample(6_000), sample(8_000, 3), sample(8_000, 9)];
    expect(rate(all, 'x')).toEqual([null, 2, null, null, null, null]);
    expect(gauge(all, 'x')).toEqual([10, 14, 1, null, 3, 9]);
  });
  it('draws newest at the right and breaks the line where nothing is known', () => {
    expect(linePath([], 1, 29, 10)).toBe('');
    expect(linePath([0, 1, null, 2], 2, 29, 10)).toBe('M26.0 10.0L27.0 5.0M29.0 0.0');
    expect(linePath([9], 2, 29, 10)).toBe('M29.0 0.0');
  });
  it('fills the box from the first minute on', () => {
    const many = Array.from({ length: 59 }, () => 1);
    expect(linePath(many, 1, 58, 10).startsWith('M0.0 0.0L1.0')).toBe(true);
    expect(linePath(many, 1, 58, 10).endsWith('L58.0 0.0')).toBe(true);
  });
  it('ends scales at round numbers', () => {
    expect(scaleOf([], 1)).toBe(1);
    expect(scaleOf([null, 3], 1)).toBe(5);
    expect(scaleOf([51], 1)).toBe(100);
    expect(scaleOf([0.1], 0.01)).toBeCloseTo(0.1);
  });
});
