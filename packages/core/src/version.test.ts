import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { version } from "./version.ts";

it("is what every package says", () => {
  const root = new URL("../../../", import.meta.url);
  const files = ["package.json", ...globSync("packages/*/package.json", { cwd: root })];
  expect(files.length).toBeGreaterThan(5);
  const said = files.map((file) => {
    const about = JSON.parse(readFileSync(new URL(file, root), "utf8")) as { version: string };
    return { file, version: about.version };
  });
  expect(said.filter((about) => about.version !== version)).toEqual([]);
});
