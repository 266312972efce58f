import { expect, test } from "vitest";
import { etcNames, visibleEtc } from "./view.ts";

test("toolchains find what a distribution keeps of them in /etc, whatever their version", () => {
  const there = ["java-17-openjdk", "java-21-openjdk", "matplotlibrc", "hostname"];
  expect(etcNames(visibleEtc, there)).toEqual(
    expect.arrayContaining(["java-17-openjdk", "java-21-openjdk", "matplotlibrc", "R/ldpaths", "ssl/certs"]),
  );
});

test("no program sees accounts, keys or settings of the machine", () => {
  const there = ["passwd", "shadow", "hostname", "ssh", "pip.conf", "environment", "npmrc", "javascript"];
  const seen = new Set(etcNames(visibleEtc, there));
  expect(there.filter((name) => seen.has(name))).toEqual([]);
});
