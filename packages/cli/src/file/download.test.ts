import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { saveResponse, segmentsOf } from "./download.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "benchgen-download-"));
});
afterEach(() => rm(directory, { recursive: true }));

const options = { force: false, signal: new AbortController().signal };

describe("saveResponse", () => {
  it("overwrites nothing unless it is told to", async () => {
    const path = join(directory, "file");
    await writeFile(path, "old");
    await expect(saveResponse(new Response("new"), path, options)).rejects.toMatchObject({
      code: "path_exists",
    });
    expect(await readFile(path, "utf8")).toBe("old");
    await saveResponse(new Response("new"), path, { ...options, force: true });
    expect(await readFile(path, "utf8")).toBe("new");
    expect(await readdir(directory)).toEqual(["file"]);
  });

  it("leaves nothing of downloads that break off, however soon", async () => {
    const below = join(directory, "below");
    const broken = (half: boolean) =>
      new ReadableStream({
        start: (controller) => {
          if (half) controller.enqueue(new TextEncoder().encode("half"));
        },
        pull: (controller) => controller.error(new Error("gone")),
      });
    const saved = Array.from({ length: 200 }, (_, index) =>
      saveResponse(new Response(broken(index % 2 === 0)), join(below, `file-${index}`), options),
    );
    for (const one of await Promise.allSettled(saved)) {
      expect(one).toMatchObject({ status: "rejected", reason: { message: "gone" } });
    }
    expect(await readdir(below)).toEqual([]);
  });
});

describe("segmentsOf", () => {
  it("takes the names the pipeline gives", () => {
    expect(segmentsOf(["task-0", "scoring", "stdout.log"])).toEqual(["task-0", "scoring", "stdout.log"]);
  });

  it.each(["../up", "/etc/passwd", "a/../b", ".hidden", "a\\b", "a\u0000", "", "~", "a//b"])(
    "refuses %j",
    (name) => {
      expect(() => segmentsOf(["task-0", name])).toThrow(expect.objectContaining({ code: "name_refused" }));
    },
  );
});
