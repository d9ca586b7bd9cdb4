import { describe, expect, it } from 'vitest';
import { groupOf } from './group';

// A Wednesday.
const now = new Date(2026, 10, 18, 9, 0);
const key = (time: Date) => groupOf(time, now).key;

describe('groupOf', () => {
  it('goes by calendar days, not by hours', () => {
    expect(key(new Date(2026, 10, 18, 0, 0))).toBe('today');
    expect(key(new Date(2026, 10, 17, 23, 59))).toBe('yesterday');
    expect(key(new Date(2026, 10, 16, 0, 0))).toBe('thisWeek');
    expect(key(new Date(2026, 10, 15, 23, 59))).toBe('lastWeek');
    expect(key(new Date(2026, 10, 9, 0, 0))).toBe('lastWeek');
    expect(groupOf(new Date(2026, 10, 8, 23, 59), now)).toEqual({ key: 'month', month: '2026-11' });
  });
  it('takes clocks that are ahead for today', () => {
    expect(key(new Date(2026, 10, 18, 23, 0))).toBe('today');
    expect(key(new Date(2026, 10, 19, 1, 0))).toBe('today');
  });
  it('knows weeks that begin on Sunday', () => {
    expect(groupOf(new Date(2026, 10, 15), now, 7).key).toBe('thisWeek');
  });
  it('keeps the days of a change of clocks whole', () => {
    const monday = new Date(2026, 9, 26, 0, 30);
    expect(groupOf(new Date(2026, 9, 25, 0, 10), monday).key).toBe('yesterday');
  });
});
