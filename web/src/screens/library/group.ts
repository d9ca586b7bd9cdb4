// Which heading a recording stands under: by day in the reader's time zone, further back by month.

export type Group = { key: 'today' | 'yesterday' | 'thisWeek' | 'lastWeek' } | { key: 'month'; month: string };

const dayMs = 86_400_000;

function startOfDay(time: Date): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate());
}

/** Whole calendar days from `time` to `now`; days of 23 and 25 hours count as one. */
export function daysBetween(time: Date, now: Date): number {
  return Math.round((startOfDay(now).getTime() - startOfDay(time).getTime()) / dayMs);
}

/** `weekStart`: 1 is Monday, 7 Sunday. */
export function groupOf(time: Date, now: Date, weekStart = 1): Group {
  const days = daysBetween(time, now);
  if (days <= 0) return { key: 'today' };
  if (days === 1) return { key: 'yesterday' };
  const sinceWeekStart = (((now.getDay() || 7) - weekStart + 7) % 7);
  if (days <= sinceWeekStart) return { key: 'thisWeek' };
  if (days <= sinceWeekStart + 7) return { key: 'lastWeek' };
  return { key: 'month', month: `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, '0')}` };
}
