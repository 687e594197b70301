import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'test/global-setup.ts',
    include: ['test/**/*.test.{ts,tsx}'],
    // Vitest leaves one core to itself: half of a machine with two, where it has little to do.
    maxWorkers: '100%',
    // Modules keep no state: files that share a worker need not load them anew, which took more time than the tests.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
