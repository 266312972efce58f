import { Forbidden } from "@benchgen/core/error.ts";
import { describe, expect, it } from "vitest";
import { hostGuard, isLoopbackHost } from "./host-guard.ts";

const guard = hostGuard();

function from(headers: Record<string, string>): () => void {
  return () => guard(new Request("http://127.0.0.1:4321/runs", { headers }));
}

describe("isLoopbackHost", () => {
  it.each([
    "localhost",
    "localhost:4321",
    "LOCALHOST",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.9.9.9",
    "[::1]:80",
    "hub.localhost",
  ])("knows %s as this machine", (host) => expect(isLoopbackHost(host)).toBe(true));

  it.each([
    "example.com",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "notlocalhost",
    "0.0.0.0",
    "192.168.0.4",
    "[::]",
    "[::ffff:7f00:1]",
    "",
    "127.0.0.1@example.com",
    "127.0.0.1/x",
    "127.0.0.1 example.com",
  ])("does not take %j for it", (host) => expect(isLoopbackHost(host)).toBe(false));
});

describe("hostGuard", () => {
  it("lets a program on this machine in", () => {
    expect(from({ host: "127.0.0.1:4321" })).not.toThrow();
    expect(from({})).not.toThrow();
  });

  it("lets a page of its own in, and an address typed by a person", () => {
    const host = "localhost:4321";
    expect(from({ host, origin: "http://localhost:4321", "sec-fetch-site": "same-origin" })).not.toThrow();
    expect(from({ host, "sec-fetch-site": "none" })).not.toThrow();
  });

  it("keeps out a name that a stranger's DNS points here", () => {
    expect(from({ host: "rebound.example.com:4321" })).toThrow(Forbidden);
  });

  it.each<Record<string, string>>([
    { origin: "https://example.com" },
    { origin: "http://localhost:3000" },
    { origin: "null" },
    { origin: "http://localhost:4321.example.com" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ])("keeps out a page of another origin (%j)", (headers) => {
    expect(from({ host: "localhost:4321", ...headers })).toThrow(
      "Requests from other web pages are refused.",
    );
  });
});
