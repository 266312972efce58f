import { Unauthenticated } from "@benchgen/core/error.ts";
import { describe, expect, it } from "vitest";
import { bearerAuth, readBearer } from "./bearer.ts";

function asking(authorization?: string): Request {
  return new Request("http://localhost/", { headers: authorization === undefined ? {} : { authorization } });
}

describe("readBearer", () => {
  it.each([
    ["Bearer bg_abc-123", "bg_abc-123"],
    ["bearer  a.b_c~d+e/f==", "a.b_c~d+e/f=="],
  ])("reads %j", (header, secret) => {
    expect(readBearer(asking(header))).toBe(secret);
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "bg_abc",
    "Bearer a b",
    "Bearer a,b",
    "Bearer é",
  ])("refuses %j", (header) => {
    expect(() => readBearer(asking(header))).toThrow(Unauthenticated);
  });

  it("answers a long hostile header at once", () => {
    expect(() => readBearer(asking(`Bearer ${"=".repeat(50_000)}!`))).toThrow(Unauthenticated);
  });
});

describe("bearerAuth", () => {
  it("asks whom the secret speaks for", async () => {
    const authenticate = bearerAuth(async (secret) => ({ workspace: "lab", name: secret, scope: "read" }));
    await expect(authenticate(asking("Bearer ada"))).resolves.toMatchObject({ name: "ada" });
    await expect(authenticate(asking())).rejects.toThrow("This needs a token, and the request has none.");
  });
});
