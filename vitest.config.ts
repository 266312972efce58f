import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        // A developer's inner loop: seconds.
        test: { name: "unit", include: ["packages/*/src/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        // What spans packages, runs programs, or starts servers.
        test: { name: "flow", include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
