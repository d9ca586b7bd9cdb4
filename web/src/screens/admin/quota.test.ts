import { expect, test } from 'vitest';

import { allowanceOf, bytesOf } from './quota';

test('a quota goes through the form and back', () => {
  for (const bytes of [null, 0, 1, 1_500_000_000, 999_999_999_999]) expect(bytesOf(allowanceOf(bytes))).toBe(bytes);
  expect(allowanceOf(undefined).kind).toBe('everybody');
  expect(allowanceOf(0).kind).toBe('none');
  expect(allowanceOf(2.5e9)).toEqual({ kind: 'limit', gigabytes: '2.5' });
});

test('a limit is never none', () => {
  expect(bytesOf({ kind: 'limit', gigabytes: '0' })).toBe(1);
  expect(bytesOf({ kind: 'limit', gigabytes: '2.5' })).toBe(2_500_000_000);
});
