import { homedir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { resolveTarget } from "./context.ts";

it("works in this process on ~/.benchgen when nothing is said", () => {
  expect(resolveTarget({}, {})).toEqual({
    url: undefined,
    token: undefined,
    home: join(homedir(), ".benchgen"),
  });
});

it("takes options over the environment, and an empty variable as none", () => {
  const environment = { BENCHGEN_URL: "http://a", BENCHGEN_TOKEN: "", BENCHGEN_HOME: "/data" };
  expect(resolveTarget({ url: "http://b" }, environment)).toEqual({
    url: "http://b",
    token: undefined,
    home: "/data",
  });
});

it.each(["localhost:7331", "ftp://a", "not a url"])("refuses %s as a server's URL", (url) => {
  expect(() => resolveTarget({ url }, {})).toThrow(expect.objectContaining({ code: "url_invalid", exit: 2 }));
});
