import { InvalidInput, PlatformFault } from "@benchgen/core/error.ts";
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { CliError, toCliError } from "./error.ts";

it("turns a missing file into one sentence with its path", async () => {
  const thrown = await readFile("/nowhere/at/all").catch((error: unknown) => error);
  const error = toCliError(thrown);
  expect(error).toMatchObject({
    code: "file.enoent",
    message: "There is no such file or directory: /nowhere/at/all",
    exit: 2,
  });
});

it("says that the disk is full, and that it is no mistake in the command", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  expect(toCliError(full)).toMatchObject({
    message: "The disk is full.",
    exit: 1,
    hint: expect.stringContaining("Free"),
  });
});

it("finds the cause that says more", () => {
  const inner = new CliError("known", "Known.");
  expect(toCliError(new Error("outer", { cause: inner }))).toBe(inner);
});

it("keeps code, message and hint of the domain's errors", () => {
  expect(toCliError(new InvalidInput("bad", "Bad.", { hint: "Do good." }))).toMatchObject({
    code: "bad",
    message: "Bad.",
    hint: "Do good.",
    exit: 2,
  });
  expect(toCliError(new PlatformFault("busy", "Busy.")).exit).toBe(1);
});

it.each([["a string"], [undefined], [null], [{ strange: true }], [new Error("boom")]])(
  "survives %s",
  (thrown) => {
    expect(toCliError(thrown)).toMatchObject({ code: "unexpected", exit: 1 });
  },
);
