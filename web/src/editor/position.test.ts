import { describe, expect, it } from 'vitest';
import { positionBetween, positionsInOrder } from './position';
import { seeded } from './testing';

describe('positionBetween', () => {
  it('lies strictly between, without a trailing zero', () => {
    for (const [low, high] of [
      [null, null],
      ['a0', 'a1'],
      [null, '1'],
      ['z', null],
      ['zz', null],
      ['a', 'a1'],
      ['a0', null],
      ['0z', '1'],
    ] as const) {
      const made = positionBetween(low, high) as string;
      expect(made, `${low} ${high}`).not.toBeNull();
      expect(low === null || low < made, `${low} < ${made}`).toBe(true);
      expect(high === null || made < high, `${made} < ${high}`).toBe(true);
      expect(made.endsWith('0')).toBe(false);
    }
  });
  it('says so when there is no room', () => {
    expect(positionBetween('b', 'a')).toBeNull();
    expect(positionBetween('a', 'a')).toBeNull();
    expect(positionBetween('a', 'a0')).toBeNull();
    expect(positionBetween(null, '0')).toBeNull();
    // Two that stand the wrong way round, as two writers may leave them.
    for (const [low, high] of [['b', 'a'], ['a', 'a'], ['ab', 'a'], ['b5', 'a7']]) expect(positionBetween(low ?? '', high ?? ''), `${low} ${high}`).toBeNull();
  });
  it('stays in order through 3,000 random insertions', () => {
    const random = seeded(5);
    const list: string[] = [];
    for (let i = 0; i < 3_000; ++i) {
      const at = Math.floor(random() * (list.length + 1));
      const made = positionBetween(list[at - 1] ?? null, list[at] ?? null);
      expect(made).not.toBeNull();
      list.splice(at, 0, made as string);
    }
    expect([...list].sort()).toEqual(list);
    expect(new Set(list).size).toBe(list.length);
  });
});

describe('positionsInOrder', () => {
  it('keeps what is in order and places the rest between', () => {
    const made = positionsInOrder(['b', 'c', null, 'a', 'd', null]);
    expect([made[0], made[1], made[4]]).toEqual(['b', 'c', 'd']);
    expect([...made].sort()).toEqual(made);
  });
  it('moves a neighbour on when there is no room', () => {
    const made = positionsInOrder(['a', null, 'a0', 'b']);
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(4);
    expect([made[0], made[3]]).toEqual(['a', 'b']);
  });
});
