import { type Principal, isAuthorOf, participantOf } from "../access/principal.ts";
import { resolveEnvironment } from "../environment/reference.ts";
import { NotFound } from "../error.ts";
import { loadTotals } from "../gateway/call.ts";
import type { Page, Ports } from "../ports.ts";
import { indexKey } from "../record/key.ts";
import type { Run } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { viewUsage } from "./against.ts";
import { type RunRecord, loadRun, loadTasks, runRecordSchema, viewRun } from "./record.ts";

/** @throws NotFound also when it is another participant's */
export async function getRun(ports: Pick<Ports, "table">, principal: Principal, id: RunId): Promise<Run> {
  const record = await loadOwnRun(ports, principal, id);
  const run = viewRun(record, await loadTasks(ports.table, id), seesHidden(principal, record));
  return record.against === undefined ? run : { ...run, usage: viewUsage(await loadTotals(ports, id)) };
}

/** Newest first: the principal's own, or all of an environment (or workspace) for those who write there. */
export async function listRuns(
  ports: Pick<Ports, "table">,
  principal: Principal,
  query: { environment?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<Run>> {
  const partition =
    query.environment === undefined
      ? { index: "gsi1" as const, pk: indexKey.workspaceRuns(principal.workspace) }
      : {
          index: "gsi2" as const,
          pk: indexKey.environmentRuns(
            (await resolveEnvironment(ports, principal, query.environment)).environment.id,
          ),
        };
  const page = await ports.table.query({
    ...partition,
    reverse: true,
    limit: query.limit,
    ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
  });
  const mine = page.items
    .map((item) => runRecordSchema.parse(item))
    .filter((record) => maySeeRun(principal, record));
  const items = await Promise.all(
    mine.map(async (record) =>
      viewRun(record, await loadTasks(ports.table, record.id), seesHidden(principal, record)),
    ),
  );
  return { ...page, items };
}

/** The stored run, when the principal may see it. @throws NotFound */
export async function loadOwnRun(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: RunId,
): Promise<RunRecord> {
  const record = await loadRun(ports.table, id);
  if (!maySeeRun(principal, record)) throw new NotFound("run", id, "List yours with: benchgen runs");
  return record;
}

/** Its participant, and whoever writes or administers its environment. */
function maySeeRun(principal: Principal, record: RunRecord): boolean {
  return record.participantKey === participantOf(principal) || seesHidden(principal, record);
}

/** Whether the phase's hidden output is shown: to those who write or administer its environment. */
export function seesHidden(principal: Principal, record: RunRecord): boolean {
  return isAuthorOf(principal, record);
}
