import { describe, expect, it } from "vitest";
import { openApiDocument } from "./openapi.ts";

const document = openApiDocument("1.2.3");
const methods = ["get", "put", "post", "patch", "delete"] as const;

interface Operation {
  readonly name: string;
  readonly path: string;
  readonly operationId?: string;
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly { name: string; in: string }[];
  readonly requestBody?: { content: Record<string, unknown> };
  readonly responses: Record<string, { content?: Record<string, unknown> }>;
}

const operations: Operation[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  methods
    .filter((method) => item[method] !== undefined)
    .map((method) => ({
      ...(item[method] as unknown as Operation),
      name: `${method.toUpperCase()} ${path}`,
      path,
    })),
);

describe("the OpenAPI document", () => {
  it("is OpenAPI 3.1 and has every route", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(operations.map(({ name }) => name).sort()).toEqual([
      "DELETE /models/{name}",
      "DELETE /runs/{id}/leaderboard",
      "DELETE /tokens/{id}",
      "GET /compare",
      "GET /environments",
      "GET /environments/{ref}",
      "GET /environments/{ref}/leaderboard",
      "GET /environments/{ref}/versions",
      "GET /environments/{ref}/versions/{number}",
      "GET /environments/{ref}/versions/{number}/bundle",
      "GET /environments/{ref}/versions/{number}/bundle/files",
      "GET /environments/{ref}/versions/{number}/files/{file}",
      "GET /environments/{ref}/versions/{number}/pages/{file}",
      "GET /events",
      "GET /health",
      "GET /jobs/self/spec",
      "GET /models",
      "GET /models/{name}",
      "GET /openapi.json",
      "GET /runs",
      "GET /runs/{id}",
      "GET /runs/{id}/cases",
      "GET /runs/{id}/cases/export",
      "GET /runs/{id}/cases/{task}/{case}",
      "GET /runs/{id}/failures",
      "GET /runs/{id}/files",
      "GET /runs/{id}/logs",
      "GET /runs/{id}/report",
      "GET /submissions/{id}",
      "GET /tokens",
      "GET /uploads/{id}",
      "GET /uploads/{id}/parts",
      "GET /whoami",
      "PATCH /environments/{ref}",
      "POST /environments/{ref}/versions/{number}/publish",
      "POST /jobs/self/outcome",
      "POST /jobs/self/uploads",
      "POST /models",
      "POST /models/{name}/test",
      "POST /runs",
      "POST /runs/{id}/cancel",
      "POST /runs/{id}/failures/judge",
      "POST /runs/{id}/retry",
      "POST /submissions",
      "POST /tokens",
      "POST /uploads",
      "POST /uploads/{id}/complete",
      "POST /uploads/{id}/parts",
      "PUT /runs/{id}/leaderboard",
    ]);
  });

  it("names every operation once", () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(ids).not.toContain(undefined);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(operations)("$name has a summary, a known tag, and says who may call it", (operation) => {
    expect(operation.summary).toBeTruthy();
    expect(document.tags?.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...(operation.tags ?? [""])]),
    );
    const schemes = Object.keys(document.components?.securitySchemes ?? {});
    for (const scheme of operation.security ?? [{ missing: [] }]) {
      expect(schemes).toEqual(expect.arrayContaining(Object.keys(scheme)));
    }
  });

  it.each(operations)(
    "$name describes a success, and its failures as problems",
    ({ responses, security }) => {
      const statuses = Object.keys(responses);
      expect(statuses.some((status) => status.startsWith("2"))).toBe(true);
      const failures = statuses.filter((status) => !status.startsWith("2"));
      expect(failures).toEqual(
        expect.arrayContaining((security ?? []).length > 0 ? ["401", "403", "500"] : ["500"]),
      );
      for (const status of failures) {
        expect(responses[status]?.content).toEqual({
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        });
      }
    },
  );

  it.each(operations)("$name declares exactly the parameters of its path", ({ path, parameters = [] }) => {
    const declared = parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(new Set(declared)).toEqual(new Set([...path.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name)));
  });

  it.each(operations.filter(({ requestBody }) => requestBody !== undefined))(
    "$name takes JSON, and answers 413 and 415",
    ({ requestBody, responses }) => {
      expect(Object.keys(requestBody?.content ?? {})).toEqual(["application/json"]);
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(["413", "415", "422"]));
    },
  );

  it("refers only to schemas it has", () => {
    const names = Object.keys(document.components?.schemas ?? {});
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
    expect(names).toEqual(expect.arrayContaining([...new Set(references.map(([, name]) => name))]));
  });

  it("says the scope each route of a user needs", () => {
    const scope = (id: string): unknown =>
      operations.find(({ operationId }) => operationId === id)?.security?.[0]?.["userToken"];
    expect(scope("getRun")).toEqual(["read"]);
    expect(scope("startRun")).toEqual(["submit"]);
    expect(scope("createToken")).toEqual(["admin"]);
    expect(scope("reportJobOutcome")).toBeUndefined();
  });
});
