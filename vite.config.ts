import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Has the browser fetch modules that are imported while the page starts at once, and not only when the import is come to. */
const fetchedAtOnce = (...modules: readonly string[]): Plugin => ({
  name: 'fetched-at-once',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle = {} }) {
      const isWanted = (id: string | null) => modules.some((module) => id?.endsWith(module));
      const chunks = Object.values(bundle).filter((one) => one.type === 'chunk' && isWanted(one.facadeModuleId));
      const files = new Set(chunks.flatMap((one) => (one.type === 'chunk' ? [one.fileName, ...one.imports] : [])));
      return [...files]
        .filter((file) => !html.includes(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'modulepreload', crossorigin: true, href: `/${file}` },
          injectTo: 'head',
        }));
    },
  },
});

const SHARED =
  /node_modules\/(react|@0no-co|gql\.tada)\/|web\/src\/(base|i18n|graphql|session\/(here|documents)|rooms\/documents)/;

/** The web page. `npm start` serves what is built; for work on the page, `npx vite` beside a running server. */
export default defineConfig({
  root: 'web',
  plugins: [react(), fetchedAtOnce('/src/start.tsx', '/src/chat.tsx')],
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
    // What the page needs at once and its other parts as well would be many small files else.
    rolldownOptions: {
      output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: 'shared', test: SHARED }] } },
    },
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:4000', ws: true } } },
});
