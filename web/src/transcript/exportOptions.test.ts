import { describe, expect, it } from 'vitest';
import { digits, queryOf, QUICK, quickFormats, readOptions, START } from './exportOptions';

describe('queryOf', () => {
  it('sends the options that the format has, and no others', () => {
    expect(queryOf({ ...START, times: false })).toEqual({ format: 'txt' });
    expect(queryOf({ ...START, format: 'md', times: false })).toEqual({ format: 'md', times: 'false' });
    expect(queryOf({ ...START, format: 'docx' })).toEqual({ format: 'docx' });
    expect(queryOf({ ...START, format: 'srt' })).toEqual({ format: 'srt', line_rules: 'balanced', max_line_width: '42', max_line_count: '2', reading_speed: '20' });
  });
  it('leaves out what was emptied, and reading speed without balanced lines', () => {
    expect(queryOf({ ...START, format: 'vtt', rules: 'reference', width: '', count: '', highlight: true })).toEqual({ format: 'vtt', line_rules: 'reference', highlight_words: 'true' });
    expect(queryOf({ ...START, format: 'vtt', speed: '' })).not.toHaveProperty('reading_speed');
  });
  it('leaves names out in every format when that is wanted', () => {
    for (const format of ['txt', 'csv', 'docx', 'srt']) expect(queryOf({ ...START, format, speakers: false }).speakers, format).toBe('false');
    expect(queryOf(START)).not.toHaveProperty('speakers');
  });
  it('names the machine’s version when that is wanted', () => {
    expect(queryOf({ ...START, original: true })).toEqual({ format: 'txt', version: '1' });
  });
});

describe('quickFormats', () => {
  it('begin with the person’s own, once', () => {
    expect(quickFormats('')).toEqual(QUICK);
    expect(quickFormats('md')).toEqual(['md', 'srt', 'vtt', 'txt', 'docx']);
    expect(quickFormats('json')[0]).toBe('json');
  });
});

describe('readOptions', () => {
  it('gives back what was kept, but never the machine’s text', () => {
    const chosen = { ...START, format: 'srt', rules: 'reference' as const, width: '36', count: '', speed: '17', highlight: true, times: false, speakers: false };
    expect(readOptions(JSON.stringify({ ...chosen, original: true }))).toEqual(chosen);
  });
  it('takes nothing that is not an option', () => {
    for (const kept of [null, '', '{', 'null', '7', '[]', '{"format":"../x","rules":"evil","width":7,"count":null,"highlight":"yes","times":0,"speakers":0}']) {
      expect(readOptions(kept), String(kept)).toEqual(START);
    }
    expect(readOptions('{"width":"4 2 cm 99"}').width).toBe('429');
    expect(digits('12345')).toBe('123');
  });
});
