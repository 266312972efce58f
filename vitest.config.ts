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
        test: {
          name: "flow",
          include: ["test/**/*.test.ts"],
          exclude: ["test/flow-aws/**", "test/live/**", "**/node_modules/**"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // A deployment on stand-ins for AWS, made from the stacks' templates.
        test: {
          name: "aws",
          include: ["test/flow-aws/**/*.test.ts"],
          globalSetup: ["test/flow-aws/setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
