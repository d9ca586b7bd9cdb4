import { describe, expect, it } from 'vitest';
import { fingerprint, hash53, kindOf } from './probe';
import { uploadMetadata } from './tus';

describe('kindOf', () => {
  it('tells recordings from what is none, and does not refuse the unknown', () => {
    expect(kindOf('talk.MP3', '')).toBe('audio');
    expect(kindOf('talk', 'audio/x-m4a')).toBe('audio');
    expect(kindOf('clip.mkv', '')).toBe('video');
    expect(kindOf('notes.txt', 'text/plain')).toBe('other');
    expect(kindOf('photo.jpg', 'image/jpeg')).toBe('other');
    expect(kindOf('dictation.ds2', '')).toBe('unknown');
  });
});

describe('fingerprint', () => {
  const bytes = (size: number, change = -1) => {
    const data = new Uint8Array(size).map((_, i) => (i * 31) % 251);
    if (change >= 0) data[change] = 255;
    return new Blob([data]);
  };
  it('is equal for equal files and sees a change at the beginning, the middle and the end', async () => {
    const size = 400_000;
    const same = await fingerprint(bytes(size));
    expect(await fingerprint(bytes(size))).toBe(same);
    for (const at of [0, size / 2 + 5, size - 1]) expect(await fingerprint(bytes(size, at))).not.toBe(same);
    expect(await fingerprint(bytes(size - 1))).not.toBe(same);
  });
  it('hashes the empty file', async () => {
    expect(await fingerprint(new Blob([]))).toMatch(/^0-/);
    expect(hash53(new Uint8Array())).toHaveLength(14);
  });
});

describe('uploadMetadata', () => {
  it('is base64 of UTF-8, without empty values', () => {
    expect(uploadMetadata({ filename: 'Gespräch.mp3', model: 'base', language: '' })).toBe('filename R2VzcHLDpGNoLm1wMw==,model YmFzZQ==');
  });
});
