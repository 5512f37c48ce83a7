import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The web page. `npm start` serves what is built; for work on the page, `npx vite` beside a running server. */
export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 700,
    // Colours are given for light and dark at once.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // The page's policy allows no data: scripts, and styles only from files.
    assetsInlineLimit: 0,
    // A test reads from it how much the first visit loads.
    manifest: true,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:4000', ws: true } } },
});
