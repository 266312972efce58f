import { blobSource } from "@benchgen/core/bundle/byte-source.ts";
import { jobFileKey, loadJobSpec, reportJobOutcome } from "@benchgen/core/job/exchange.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import type { Announcer } from "@benchgen/core/run/announcer.ts";
import type { JobChannel } from "@benchgen/runner/channel.ts";
import { contentAt } from "@benchgen/runner/file.ts";

/** The platform as a job's stages see it from within the same process: the same use cases as over HTTP, no URLs. */
export function inProcessChannel(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  token: string,
  announcer: Announcer,
): JobChannel {
  return {
    spec: () => loadJobSpec(ports, token),
    open: (input) => blobSource(ports.blobs, input.blob),
    upload: async (file, { path, size, sha256 }) => {
      const key = await jobFileKey(ports, token, file);
      const contentType = file === "output.zip" ? "application/zip" : "text/plain; charset=utf-8";
      await ports.blobs.put(key, contentAt(path), { size, sha256, contentType });
    },
    report: async (outcome) => announcer.jobEnded(await reportJobOutcome(ports, token, outcome)),
  };
}
