import { describe, expect, it } from 'vitest';
import { instructionSet, isModelFile, isModelName, modelNameOf } from './state';

describe('model files', () => {
  it('are told by their ending', () => {
    for (const name of ['base.pt', 'ggml-base.BIN', 'model.safetensors']) expect(isModelFile(name)).toBe(true);
    for (const name of ['talk.mp3', 'model.zip', 'pt', 'base.pt.exe']) expect(isModelFile(name)).toBe(false);
  });
  it('are offered a name that the server takes', () => {
    expect(modelNameOf('ggml-base.bin')).toBe('base');
    expect(modelNameOf('large v3 (mine).pt')).toBe('large-v3-mine-');
    expect(modelNameOf('..öä.pt')).toBe('model');
    for (const file of ['ggml-base.bin', 'large v3 (mine).pt', '..öä.pt', `${'x'.repeat(300)}.pt`, '-a.pt']) expect(isModelName(modelNameOf(file)), file).toBe(true);
    for (const name of ['', '.a', 'a/b', 'a b', '-a', 'x'.repeat(65)]) expect(isModelName(name), name).toBe(false);
  });
});

describe('instructionSet', () => {
  it('is the best one, by its own name', () => {
    expect(instructionSet(['avx2', 'avx512', 'avx512_bf16'])).toBe('AVX-512 BF16');
    expect(instructionSet(['neon'])).toBe('neon');
    expect(instructionSet([])).toBe('');
  });
});
