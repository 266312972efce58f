import { join } from "node:path";
import { createBubblewrap } from "@benchgen/local/executor/bubblewrap.ts";
import { createDocker } from "@benchgen/local/executor/docker.ts";
import type { Executor } from "@benchgen/local/executor/executor.ts";
import { hostFacts } from "@benchgen/local/executor/host.ts";
import { createNamespaces } from "@benchgen/local/executor/namespaces.ts";

/** What the suites run on. */
export interface Subject {
  readonly executor: Executor;
  readonly directory: string;
  readonly image: string | null;
}

export interface Candidate {
  readonly name: string;
  readonly executor?: Executor;
  readonly image: string | null;
  readonly unavailable?: string;
}

/** An image that is on this machine, with a shell and python3: tests fetch nothing from any registry. */
const testImage = process.env["BENCHGEN_TEST_IMAGE"] ?? null;

/** Every executor, each tried out; said aloud where one is missing. */
export async function executorsUnderTest(directory: string): Promise<Candidate[]> {
  const facts = await hostFacts(join(directory, "tools"), []);
  const options = { facts, scratchRoot: directory };
  const candidates: { executor: Executor; image: string | null }[] = [
    { executor: createBubblewrap(options), image: null },
    { executor: createNamespaces(options), image: null },
    { executor: createDocker({ ownerId: `test-${process.pid}`, workId: "test" }), image: testImage },
  ];
  return await Promise.all(
    candidates.map(async ({ executor, image }) => {
      const probed = await executor.probe();
      const imageless = executor.name === "docker" && image === null;
      const available = probed.available && !imageless;
      const reason = probed.available ? "BENCHGEN_TEST_IMAGE names no image that has python3" : probed.reason;
      if (available) return { name: executor.name, executor, image };
      console.warn(`NOT TESTED: the executor ${executor.name} is not available here: ${reason}`);
      return { name: executor.name, image, unavailable: reason ?? "no reason given" };
    }),
  );
}
