/** What the app does before and around its use cases. The routes themselves are tested over the local adapters in test/api. */
import { Forbidden, Unauthenticated } from "@benchgen/core/error.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { problemSchema } from "@benchgen/core/wire/api.ts";
import { describe, expect, it } from "vitest";
import { type ApiOptions, createApi } from "./app.ts";
import type { ErrorContext } from "./context.ts";

/** No request of these tests gets as far as a use case. */
const noPorts = {} as Ports;
const ada = { workspace: "lab", name: "ada", scope: "admin" } as const;

function app(options: Partial<ApiOptions> = {}) {
  return createApi({ ports: noPorts, authenticate: async () => ada, version: "1.2.3", ...options });
}

function post(body: string, contentType?: string): RequestInit {
  return { method: "POST", body, headers: contentType === undefined ? {} : { "content-type": contentType } };
}

async function problemOf(answer: Response | Promise<Response>) {
  const response = await answer;
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

describe("a request that no route can take", () => {
  it("to an unknown path is told where the paths are listed", async () => {
    expect(await problemOf(app().request("/nothing"))).toMatchObject({
      status: 404,
      code: "route_not_found",
      hint: "GET /openapi.json lists them all.",
    });
  });

  it("with a wrong method is told the right ones, also by the Allow header", async () => {
    const response = await app().request("/environments/penguins", { method: "PUT" });
    expect(response.headers.get("allow")).toBe("GET, HEAD, PATCH");
    expect(await problemOf(response)).toMatchObject({ status: 405, code: "method_not_allowed" });
  });

  it("from a page of another origin gets no CORS headers", async () => {
    const headers = { origin: "https://example.com", "access-control-request-method": "POST" };
    const response = await app().request("/runs", { method: "OPTIONS", headers });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("a body", () => {
  it.each([
    ["{", "application/json", 400, "malformed_json"],
    ["{}", "text/plain", 415, "unsupported_media_type"],
    ["{}", "application/x-www-form-urlencoded", 415, "unsupported_media_type"],
    ["[]", "application/json", 422, "request_invalid"],
    ["null", "application/json; charset=utf-8", 422, "request_invalid"],
    ["", "application/json", 400, "malformed_json"],
  ])("%j sent as %s is refused with %d", async (body, contentType, status, code) => {
    expect(await problemOf(app().request("/runs", post(body, contentType)))).toMatchObject({ status, code });
  });

  it("that is larger than allowed is refused, declared or not", async () => {
    const small = app({ maxBodyBytes: 100 });
    const body = JSON.stringify({ name: "x".repeat(200) });
    const declared = {
      ...post(body),
      headers: { "content-type": "application/json", "content-length": String(body.length) },
    };
    expect(await problemOf(small.request("/runs", declared))).toMatchObject({
      status: 413,
      code: "body_too_large",
    });
    const chunked: RequestInit = { method: "POST", body: new Blob([body]).stream(), duplex: "half" };
    expect(await problemOf(small.request("/runs", chunked))).toMatchObject({ status: 413 });
  });

  it("with fields that are missing, wrong or unknown gets a finding for each", async () => {
    const body = JSON.stringify({ name: "ada", scope: "root", scopes: ["read"], expiresInDays: "7" });
    const problem = await problemOf(app().request("/tokens", post(body, "application/json")));
    expect(problem.findings?.map(({ path, code }) => [path, code])).toEqual([
      ["body.scope", "request.invalid_value"],
      ["body.expiresInDays", "request.invalid_type"],
      ["body", "request.unrecognized_keys"],
    ]);
  });

  it("cannot reach a prototype", async () => {
    const body = '{"__proto__": {"polluted": true}, "uploadId": "x"}';
    expect(await problemOf(app().request("/submissions", post(body, "application/json")))).toMatchObject({
      status: 422,
    });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});

describe("a caller", () => {
  const closed = app({
    authenticate: async () => {
      throw new Unauthenticated("token_missing", "This needs a token.");
    },
  });

  it("without a token is refused before anything of the request is read", async () => {
    const response = await closed.request("/runs", post("{", "application/json"));
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="benchgen"');
    expect(await problemOf(response)).toMatchObject({ status: 401, code: "token_missing" });
  });

  it("without a token may read the description and the health of the server", async () => {
    expect(await (await closed.request("/health")).json()).toEqual({ status: "ok", version: "1.2.3" });
    expect((await closed.request("/openapi.json")).status).toBe(200);
  });

  it("is refused by the guard first, whatever is asked", async () => {
    const guarded = app({
      guard: () => {
        throw new Forbidden("host_refused", "No.");
      },
      blobRoutes: async () => new Response("secret"),
    });
    for (const path of ["/health", "/blobs/x", "/nothing"]) {
      expect(await problemOf(guarded.request(path))).toMatchObject({ status: 403, code: "host_refused" });
    }
  });

  it("of a job route needs a job's token, even where users need none", async () => {
    expect(await problemOf(app().request("/jobs/self/spec"))).toMatchObject({
      status: 401,
      code: "token_missing",
    });
  });
});

describe("every answer", () => {
  it.each(["/health", "/nothing", "/runs/nope"])(
    "of %s forbids sniffing, framing, scripts and caching",
    async (path) => {
      const { headers } = await app().request(path);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      );
      expect(headers.get("cache-control")).toBe("no-store");
    },
  );

  it("to HEAD is that to GET without its body", async () => {
    const response = await app().request("/health", { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});

describe("an id that cannot be one", () => {
  it("is not found, and the answer shows what an id looks like", async () => {
    expect(await problemOf(app().request("/runs/nope"))).toMatchObject({
      status: 404,
      code: "not_found",
      detail: "Nothing can have that address: path.id must be a run id, like run_01jd0c2v5w8x9y0z1a2b3c4d5e.",
    });
  });
});

describe("an unexpected error", () => {
  it("is told to the operator in full, and to the client by its id only", async () => {
    const reported: [unknown, ErrorContext][] = [];
    const failure = new Error("cannot open /var/lib/benchgen/secret.db");
    const broken = app({
      authenticate: () => Promise.reject(failure),
      onError: (error, context) => reported.push([error, context]),
    });
    const problem = await problemOf(broken.request("/runs?cursor=private"));
    expect(problem).toMatchObject({ status: 500, code: "internal_error" });
    expect(JSON.stringify(problem)).not.toMatch(/secret|at /);
    const [error, context] = reported[0] ?? [];
    expect(error).toBe(failure);
    expect(context).toMatchObject({ method: "GET", path: "/runs" });
    expect(problem.instance).toBe(`urn:uuid:${context?.id}`);
  });

  it("is what the client's own errors are not", async () => {
    const reported: unknown[] = [];
    const strict = app({ onError: (error) => reported.push(error) });
    for (const path of ["/nothing", "/runs/nope", "/events"]) await strict.request(path);
    expect(reported).toEqual([]);
  });
});

describe("signed blob URLs", () => {
  it("are served without a token, before the limit on bodies, and with the same headers", async () => {
    const blobs = app({
      maxBodyBytes: 10,
      blobRoutes: async (request) =>
        request.url.includes("/blobs/") ? new Response(await request.text()) : undefined,
    });
    const response = await blobs.request("/blobs/x", { method: "PUT", body: "x".repeat(100) });
    expect((await response.text()).length).toBe(100);
    expect(response.headers.get("content-security-policy")).toContain("sandbox");
    expect((await blobs.request("/health")).status).toBe(200);
  });
});

describe("GET /events", () => {
  it("without a feed says so", async () => {
    expect(await problemOf(app().request("/events"))).toMatchObject({
      status: 501,
      code: "events_unavailable",
    });
  });
});
