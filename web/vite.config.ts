// How the web app is built: one folder, dist/, that the server embeds (tools/web, src/service/web).
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [tailwindcss()],
  resolve: {
    alias: {
      '@': at('./src'),
      // The original injects a <style> element, which our content security policy refuses.
      'react-remove-scroll': at('./src/ui/scrollLock.tsx'),
    },
  },
  build: {
    target: 'es2022',
    // No data: URLs: the policy allows fonts and images of this origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // 'use client' in libraries means nothing here.
      onwarn(warning, warn) {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning);
      },
    },
  },
  server: {
    // `npm run dev` against a server started with `transcriber serve --single-user`.
    proxy: { '/api': 'http://127.0.0.1:8001' },
  },
});
