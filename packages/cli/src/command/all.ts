import { registerAdmin } from "./admin.ts";
import { registerCancel } from "./cancel.ts";
import { registerCases } from "./case.ts";
import type { Register } from "./command.ts";
import { registerCompare } from "./compare.ts";
import { registerDemo } from "./demo.ts";
import { registerDoctor } from "./doctor.ts";
import { registerEnvironment } from "./environment.ts";
import { registerExport } from "./export.ts";
import { registerInit } from "./init.ts";
import { registerLeaderboard } from "./leaderboard.ts";
import { registerLogin } from "./login.ts";
import { registerLogs } from "./logs.ts";
import { registerModel } from "./model.ts";
import { registerPush } from "./push.ts";
import { registerReport } from "./report.ts";
import { registerRetry } from "./retry.ts";
import { registerRun } from "./run.ts";
import { registerRuns } from "./runs.ts";
import { registerServe } from "./serve.ts";
import { registerStatus } from "./status.ts";
import { registerToken } from "./token.ts";
import { registerValidate } from "./validate.ts";

/** In the order of `benchgen --help`: from making an environment to running a server. */
export const everyCommand: readonly Register[] = [
  registerDemo,
  registerInit,
  registerValidate,
  registerPush,
  registerEnvironment,
  registerModel,
  registerRun,
  registerRuns,
  registerStatus,
  registerCases,
  registerReport,
  registerCompare,
  registerLogs,
  registerLeaderboard,
  registerCancel,
  registerRetry,
  registerExport,
  registerServe,
  registerLogin,
  registerAdmin,
  registerToken,
  registerDoctor,
];
