import { defineConfig } from 'vitest/config';

// Property tests take longer than the usual five seconds where other builds run.
export default defineConfig({ test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'], environment: 'node', testTimeout: 60_000 } });
