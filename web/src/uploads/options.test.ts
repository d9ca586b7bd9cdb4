import { describe, expect, it } from 'vitest';
import { countOf, type JobOptions, optionFields, optionsFrom, plainOptions, preferencesFrom, splitTerms, termsMax } from './options';

const all: JobOptions = { model: 'base', language: 'de', task: 'translate', wordTimes: false, channel: '1', multilingual: false, everything: true, speakers: true, speakerCount: '3', prompt: 'Q3', vocabulary: ['Wójcik', 'tachycardia'] };

describe('options', () => {
  it('come back from the server as they were stored', () => {
    expect(optionsFrom(preferencesFrom(all))).toEqual(all);
    expect(optionsFrom(preferencesFrom(plainOptions))).toEqual(plainOptions);
  });
  it('are left to this browser where the server has none', () => {
    expect(optionsFrom({ theme: 'dark' })).toBeNull();
  });
  it('become the fields of a job, the vocabulary among them', () => {
    expect(optionFields(all)).toEqual({ model: 'base', language: 'de', task: 'translate', channel: '1', vad_filter: 'false', diarize: 'true', num_speakers: '3', initial_prompt: 'Q3', hotwords: 'Wójcik, tachycardia' });
    expect(optionFields(plainOptions)).toEqual({ word_timestamps: 'true' });
  });
  it('go together: a language that is named does not change, nobody is counted who is not told apart', () => {
    expect(optionFields({ ...plainOptions, multilingual: true })).toMatchObject({ multilingual: 'true' });
    expect(optionFields({ ...plainOptions, multilingual: true, language: 'de' })).not.toHaveProperty('multilingual');
    expect(optionFields({ ...plainOptions, speakerCount: '3' })).not.toHaveProperty('num_speakers');
    for (const [typed, count] of [['3', '3'], ['0', ''], ['33', ''], ['x', ''], ['1e1', ''], [3, '']] as const) expect(countOf(typed), String(typed)).toBe(count);
  });
});

describe('splitTerms', () => {
  it('takes lines and commas, nothing twice and nothing empty', () => {
    expect(splitTerms(' Ada,Bob\n\nAda; Köln \n,')).toEqual(['Ada', 'Bob', 'Köln']);
  });
  it('keeps to the limits of the server', () => {
    expect(splitTerms('x'.repeat(300))[0]).toHaveLength(100);
    expect(splitTerms(Array.from({ length: 1_200 }, (_, i) => `t${i}`).join('\n'))).toHaveLength(termsMax);
  });
});
