import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Pothos loads graphql as CommonJS; one copy for all, or schemas come "from another realm".
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Each file starts servers of its own; two at a time is what two cores carry.
    maxWorkers: 2,
  },
});
