import { describe, expect, it } from 'vitest';
import { readJobLog } from './logLines';

describe('readJobLog', () => {
  it('reads what was said, when, and how bad it is', () => {
    const text =
      '2026-01-31T09:30:00.000Z 0192 status {"status":"processing"}\n' +
      '2026-01-31T09:30:01.000Z 0192 log {"level":"warning","message":"text was left out","start":1.5,"end":2}\n';
    expect(readJobLog(text)).toEqual([
      { time: '2026-01-31T09:30:00.000Z', level: 'info', text: 'processing' },
      { time: '2026-01-31T09:30:01.000Z', level: 'warning', text: 'text was left out (1.5–2 s)' },
    ]);
  });
  it('passes over what is no line, and shows what is no JSON as it is', () => {
    expect(readJobLog('')).toEqual([]);
    expect(readJobLog('nonsense\n\n')).toEqual([]);
    expect(readJobLog('T j log {broken').map((line) => line.text)).toEqual(['{broken']);
    expect(readJobLog('T j log null\nT j status 7\nT j log {"message":3}').map((line) => line.text)).toEqual(['log', 'status', 'log']);
  });
});
