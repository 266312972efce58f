import { newRoutes } from "../context.ts";
import { caseRoutes } from "./case.ts";
import { caseExportRoutes } from "./case-export.ts";
import { compareRoutes } from "./compare.ts";
import { contentRoutes } from "./content.ts";
import { environmentRoutes } from "./environment.ts";
import { eventRoutes } from "./event.ts";
import { jobRoutes } from "./job.ts";
import { judgeRoutes } from "./judge.ts";
import { leaderboardRoutes } from "./leaderboard.ts";
import { logRoutes } from "./log.ts";
import { modelRoutes } from "./model.ts";
import { runRoutes } from "./run.ts";
import { serverRoutes } from "./server.ts";
import { submissionRoutes } from "./submission.ts";
import { tokenRoutes } from "./token.ts";
import { uploadRoutes } from "./upload.ts";
import { versionRoutes } from "./version.ts";

/** Every route of the API. The app serves them; the OpenAPI document is made from their definitions. */
export const allRoutes = newRoutes()
  .route("/", uploadRoutes)
  .route("/", environmentRoutes)
  .route("/", versionRoutes)
  .route("/", contentRoutes)
  .route("/", leaderboardRoutes)
  .route("/", submissionRoutes)
  .route("/", modelRoutes)
  .route("/", runRoutes)
  .route("/", caseExportRoutes)
  .route("/", caseRoutes)
  .route("/", judgeRoutes)
  .route("/", compareRoutes)
  .route("/", logRoutes)
  .route("/", eventRoutes)
  .route("/", tokenRoutes)
  .route("/", jobRoutes)
  .route("/", serverRoutes);
