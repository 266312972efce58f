import { allRoutes } from "./route/all.ts";

type Document = ReturnType<typeof allRoutes.getOpenAPI31Document>;

/** The OpenAPI 3.1 document, made from the definitions of the routes. `version` is benchgen's. */
export function openApiDocument(version: string): Document {
  const document = allRoutes.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "benchgen",
      version,
      description:
        "Upload an environment, point it at a submission, get scores and a ranked leaderboard. Errors are RFC 9457 problems with a stable `code`. Lists are read by page: ask again with `cursor` until there is none. Times are ISO 8601 UTC, sizes are bytes. Where the length of answers has a limit, a longer one to a GET is a redirect (303) to a signed URL: read it there, without your token.",
      license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
    },
    servers: [{ url: "/" }],
    tags: [
      { name: "Uploads", description: "How bundles and submissions arrive" },
      { name: "Environments", description: "What submissions are evaluated against, and its versions" },
      { name: "Submissions", description: "What is evaluated" },
      { name: "Models", description: "OpenAI-compatible endpoints that runs are made against" },
      { name: "Runs", description: "One submission against one version and phase" },
      { name: "Cases", description: "What a run's cases were, and how each ended" },
      { name: "Leaderboards", description: "Runs, ranked" },
      { name: "Events", description: "What happens, as it happens" },
      { name: "Tokens", description: "Who may do what" },
      { name: "Jobs", description: "For the runner only" },
      { name: "Server", description: "About this server" },
    ],
  });
  return {
    ...document,
    components: {
      ...document.components,
      securitySchemes: {
        userToken: {
          type: "http",
          scheme: "bearer",
          description:
            "A token from POST /tokens. Scopes, each with what the ones before it may do: read, submit, author, admin.",
        },
        jobToken: {
          type: "http",
          scheme: "bearer",
          description: "Given to the stage-in and stage-out of one job; dies with it.",
        },
      },
    },
    paths: Object.fromEntries(
      // Hono writes a parameter that may hold slashes as {file{.+}}; OpenAPI has no way to say that.
      Object.entries(document.paths ?? {}).map(([path, item]) => [path.replace("{.+}", ""), item]),
    ),
  };
}
