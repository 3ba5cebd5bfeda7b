import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    // Processes, not threads: tests change the working directory, load a native driver and kill what they started.
    pool: 'forks',
    maxWorkers: 2,
    // Command tests start whole processes and wait for the disk; a machine under load takes its time.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A test must not depend on the terminal, the place or the person that runs it.
    env: { NO_COLOR: '1', TZ: 'UTC' },
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
});
