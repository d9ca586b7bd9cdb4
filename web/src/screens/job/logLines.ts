// The log of a job as the server writes it: "TIME JOB TYPE {JSON}" a line. Pure.

export interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly text: string;
}

function textOf(type: string, data: Record<string, unknown>): string {
  const said = data.message ?? data.status;
  const place = typeof data.start === 'number' && typeof data.end === 'number' ? ` (${data.start}–${data.end} s)` : '';
  return (typeof said === 'string' && said !== '' ? said : type) + place;
}

/** Lines that are none of these are passed over. */
export function readJobLog(text: string): LogLine[] {
  const lines: LogLine[] = [];
  for (const line of text.split('\n')) {
    const found = /^(\S+) \S+ (\S+) (.*)$/.exec(line);
    if (!found) continue;
    const [, time = '', type = '', json = ''] = found;
    let data: Record<string, unknown> = {};
    try {
      data = Object(JSON.parse(json)) as Record<string, unknown>;
    } catch {
      data = { message: json };
    }
    lines.push({ time, level: typeof data.level === 'string' ? data.level : 'info', text: textOf(type, data) });
  }
  return lines;
}
