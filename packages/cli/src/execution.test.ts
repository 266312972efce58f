import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { executionOptions } from "./execution.ts";

it("takes the toolchains to expose from the environment", () => {
  expect(executionOptions({}, { BENCHGEN_EXPOSE: tmpdir() })).toEqual({ expose: [tmpdir()] });
  expect(executionOptions({}, {})).toEqual({ expose: [] });
});

it.each(["relative/path", "/nonexistent/toolchain", import.meta.filename])(
  "refuses to expose %s, which is no directory that can be found from anywhere",
  (path) => {
    expect(() => executionOptions({}, { BENCHGEN_EXPOSE: path })).toThrow(
      expect.objectContaining({ code: "expose_invalid", message: expect.stringContaining(path) }),
    );
  },
);
