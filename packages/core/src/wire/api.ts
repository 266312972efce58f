/**
 * What the HTTP API takes and gives: one schema per resource, from which requests are checked, the OpenAPI document
 * is generated, and the command line reads. Times are ISO 8601 UTC; sizes are bytes; ids are prefixed (`id.ts`).
 */
export { pageOf, pageQuerySchema, problemSchema, slugSchema, type Problem } from "./api/common.ts";
export * from "./api/upload.ts";
export * from "./api/environment.ts";
export * from "./api/run.ts";
export * from "./api/leaderboard.ts";
export * from "./api/model.ts";
export * from "./api/server.ts";
