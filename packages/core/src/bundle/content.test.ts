import { expect, test } from "vitest";
import { bytesSource, collect } from "./byte-source.ts";
import { openContent, readHead } from "./content.ts";
import { memoryTree, rawZip } from "./fixture.ts";
import { FileIndex } from "./reference.ts";
import { zipTree } from "./tree.ts";
import { openZip } from "./zip-archive.ts";

/** Bytes that deflate cannot shrink. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

test("a large deflated zip inside a zip is read in order in few passes, without holding it", async () => {
  const part = noise(9_000_000);
  const inner = rawZip(["a", "b", "c"].map((name) => ({ name, data: part, deflate: true })));
  const outer = zipTree(
    await openZip(bytesSource(rawZip([{ name: "data.zip", data: inner, deflate: true }]))),
    "b",
  );
  let opened = 0;
  const tree = {
    ...outer,
    open: (path: string) => {
      opened++;
      return outer.open(path);
    },
  };
  const content = await openContent(tree, new FileIndex(tree).find("data.zip")!, { entries: 3 });
  expect(content.random).toBe(false);
  for (const entry of content.archive!.entries) {
    const bytes = await collect(await content.archive!.open(entry), part.length);
    expect(Buffer.compare(bytes, part)).toBe(0);
  }
  // Once for the directory at the end, once for the members.
  expect(opened).toBe(2);
});

test("a zip, a directory and a file are opened alike", async () => {
  const inner = rawZip([{ name: "x/y.txt", data: "zip" }]);
  const tree = memoryTree({ "d.zip": inner, "d/x/y.txt": "directory", "y.txt": "file" });
  const read = async (path: string): Promise<[string, string, string]> => {
    const { kind, tree: opened } = await openContent(tree, new FileIndex(tree).find(path)!, { entries: 10 });
    const [name] = [...opened.files.keys()];
    return [kind, name!, Buffer.from(await readHead(opened, name!, 4)).toString()];
  };
  expect(await read("d.zip")).toEqual(["zip", "x/y.txt", "zip"]);
  expect(await read("d")).toEqual(["directory", "x/y.txt", "dire"]);
  expect(await read("y.txt")).toEqual(["file", "y.txt", "file"]);
});
