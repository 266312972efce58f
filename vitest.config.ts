import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Where the suite on stand-ins for AWS writes down which permissions were used: a directory of this run's own. */
const permissionRecords = {
  BENCHGEN_TEST_PERMISSIONS: join(tmpdir(), `benchgen-permissions-${process.pid}`),
};

/** Tests wait for programs and servers about as much as they compute: two files at a time also where there are two cores. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

// Tests wait for what must happen, not for time to pass: the limits only end what would never end, on a slow machine too.
export default defineConfig({
  test: {
    projects: [
      {
        // A developer's inner loop: seconds. The limits are for what hangs: a machine that is busy takes its time.
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts"],
          maxWorkers,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What spans packages, runs programs, or starts servers.
        test: {
          name: "flow",
          include: ["test/**/*.test.ts"],
          exclude: ["test/flow-aws/**", "test/live/**", "**/node_modules/**"],
          maxWorkers,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        // A deployment on stand-ins for AWS, made from the stacks' templates.
        test: {
          name: "aws",
          include: ["test/flow-aws/*.test.ts"],
          globalSetup: ["test/flow-aws/setup.ts"],
          env: permissionRecords,
          sequence: { groupOrder: 1 },
          // Deployments wait for containers and stand-ins more than they compute.
          maxWorkers: 2,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        // What the functions did in that suite, against what their roles allow: so it comes after it.
        test: {
          name: "aws-role",
          include: ["test/flow-aws/role/*.test.ts"],
          env: permissionRecords,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
