import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { formatProgress, formatUsage } from "../run/stage.ts";
import { count } from "./format.ts";
import { type Text, paint, text } from "./text.ts";

/** One line for what happened. */
export function renderEvent(event: BenchgenEvent): Text {
  return text`${paint.dim(event.time.slice(11, 19))} ${paint.cyan(event.type)} ${aboutOf(event)}`;
}

function aboutOf(event: BenchgenEvent): Text {
  if (event.type === "Environment Published") {
    const { environment, environmentVersion, forced } = event.detail;
    return text`${environment.name}@${environmentVersion}${forced ? " although a solution failed" : ""}`;
  }
  if (event.type === "Upload Validated") return text`${event.detail.uploadId}`;
  if (event.type === "Environment Rejected") {
    return text`${event.detail.uploadId}: ${count(event.detail.findings.length, "error")}`;
  }
  const { run, environment } = event.detail;
  if (event.type === "Run Started") return text`${run.name} on ${environment.name}@${environment.version}`;
  if (event.type === "Run Progressed") return text`${run.name}: ${progressOf(event.detail)}`;
  const { status, reason } = event.detail;
  return text`${run.name} ${status}${reason === undefined ? "" : `: ${reason.message}`}`;
}

/** As `run` and `status` show it. */
function progressOf({ task, progress, usage }: Extract<BenchgenEvent, { type: "Run Progressed" }>["detail"]) {
  const spent = formatUsage({ usage });
  // Calls of nobody knows how many say no more than what they came to.
  const isTold = progress.unit === "calls" && progress.total === undefined && spent !== undefined;
  const said = [...(isTold ? [] : [formatProgress(progress)]), ...(spent === undefined ? [] : [spent])].join(
    ", ",
  );
  return task === undefined ? said : `task ${task}: ${said}`;
}
