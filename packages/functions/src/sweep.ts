/** Every few minutes: makes good what was left half done. */
import { sweep } from "@benchgen/core/run/sweep.ts";
import { checkUpload } from "@benchgen/core/upload/check.ts";
import { finishPorts } from "./finish-ports.ts";
import { type Handler, told } from "./handler.ts";
import { errorFields, writeLog } from "./log.ts";
import { checkLimits } from "./upload-limit.ts";

/** No function runs longer than that: an upload still `checking` by then lost the one that checked it. */
const checkSeconds = 900;

export const handler: Handler<void> = (_event, context) =>
  told("sweep", context, async (add) => {
    const ports = finishPorts();
    let failed = 0;
    const report = await sweep(ports, {
      receive: (id) => checkUpload(ports, id, checkLimits),
      checkSeconds,
      onError: (what, error) => {
        failed++;
        writeLog("error", "sweep", { of: what, ...errorFields(error) });
      },
    });
    add({ ...report, failed });
    // The alarm on errors looks at functions that threw.
    if (failed > 0) throw new Error(`${failed} things could not be made good; each has a line of its own`);
  });
