/** Calls to models as the table stores them, and the writes that begin and end one. */
import * as z from "zod";
import { everyItem } from "../page.ts";
import type { Json, Key, Ports, WriteOperation } from "../ports.ts";
import { partition, tableKey } from "../record/key.ts";
import { readRecord, toAttributes, toItem } from "../record/record.ts";
import { type RunId, idSchema } from "../wire/id.ts";
import { programNames } from "../wire/job.ts";
import { type BudgetKind, type Totals, callErrorSchema, totalsSchema } from "./budget.ts";
import { gatewayOperations } from "./request.ts";
import type { TotalsChange } from "./reservation.ts";

/** How long the table keeps a call by itself: its task's end gathers it into a blob long before. */
const keptSeconds = 30 * 86_400;

const count = z.number();

/** One call, as it was measured here. Times in milliseconds. */
export const callSchema = z.object({
  id: idSchema("call"),
  runId: idSchema("run"),
  taskIndex: z.int(),
  program: z.enum(programNames),
  operation: z.enum(gatewayOperations),
  /** The case it was for, where the program says so in `X-Case-Id`. */
  caseId: z.string().optional(),
  /** Which repeat of the case, from 1. */
  epoch: z.int().positive().default(1),
  /** As the endpoint calls it. */
  model: z.string(),
  startedAt: z.string(),
  /** How often the client had tried before, by its own count. */
  retries: z.int().nonnegative(),
  streamed: z.boolean(),
  latencyMs: count.optional(),
  timeToFirstTokenMs: count.optional(),
  usage: z
    .object({
      inputTokens: count,
      cachedInputTokens: count,
      outputTokens: count,
      reasoningTokens: count,
    })
    .optional(),
  /** The endpoint did not say the usage: it was reckoned from lengths. */
  estimated: z.boolean().optional(),
  /** Billionths of a US dollar; absent when a price is unknown. */
  costNano: count.optional(),
  priceVersion: z.string().optional(),
  /** As the endpoint gave it: `stop`, `length`, `content_filter`; `refusal` where the answer holds one. */
  stopReason: z.string().optional(),
  /** The limit its request was given because the budget had no more left. Tokens of each answer. */
  outputLimit: count.optional(),
  /** Why there was no whole answer. */
  error: callErrorSchema.optional(),
});
export type Call = z.infer<typeof callSchema>;

/** What the table knows of a call beside what was measured. */
export const callItemSchema = callSchema.extend({
  state: z.enum(["open", "ended"]),
  /** When it was last heard of, while it is open. */
  aliveAt: z.string().optional(),
  /** What nobody was there to take, as far as is known: given to the client's next try. */
  undelivered: z.object({ status: z.int(), contentType: z.string(), text: z.string() }).optional(),
  claimed: z.boolean().optional(),
});
export type CallItem = z.infer<typeof callItemSchema>;

export function callKey(call: Pick<Call, "runId" | "taskIndex" | "id">, fingerprint: string): Key {
  return tableKey.call(call.runId, call.taskIndex, fingerprint, call.id);
}

/** Lets a call in, by a change of the totals, and notes that it is under way. One write, all or nothing. */
export function beginOperations(call: Call, fingerprint: string, change: TotalsChange): WriteOperation[] {
  return [
    { kind: "update", key: tableKey.callTotals(call.runId), ...change },
    { kind: "put", item: callItem(callKey(call, fingerprint), { ...call, state: "open" }) },
  ];
}

/** Says that a call is still under way. */
export function aliveOperation(call: Call, fingerprint: string, now: Date): WriteOperation {
  const conditions = [{ kind: "exists" }] as const;
  return { kind: "update", key: callKey(call, fingerprint), set: { aliveAt: now.toISOString() }, conditions };
}

/** The second of `endOperations`, which fails for a call that has ended. */
export const endedBefore = 1;

/**
 * Ends a call, once: counts it in the totals, by that change of what is held, and puts the record of it in the place of
 * what said that it was under way.
 */
export function endOperations(
  call: Call,
  fingerprint: string,
  end: { change: TotalsChange; undelivered?: CallItem["undelivered"] },
): WriteOperation[] {
  const { change, undelivered } = end;
  const { usage, error } = call;
  const flag = (condition: boolean) => (condition ? 1 : 0);
  return [
    {
      kind: "update",
      key: tableKey.callTotals(call.runId),
      ...change,
      add: {
        ...change.add,
        calls: 1,
        inputTokens: usage?.inputTokens ?? 0,
        cachedInputTokens: usage?.cachedInputTokens ?? 0,
        outputTokens: usage?.outputTokens ?? 0,
        reasoningTokens: usage?.reasoningTokens ?? 0,
        costNano: (usage && call.costNano) ?? 0,
        unpriced: flag(usage !== undefined && call.costNano === undefined),
        estimated: flag(call.estimated === true),
        failed: flag(error !== undefined),
      },
      ...(error === undefined ? {} : { set: { ...change.set, lastError: error } }),
    },
    {
      kind: "put",
      item: callItem(callKey(call, fingerprint), {
        ...call,
        state: "ended",
        ...(undelivered === undefined ? {} : { undelivered }),
      }),
      conditions: [{ kind: "equals", attribute: "state", value: "open" }],
    },
  ];
}

function callItem(key: Key, item: CallItem) {
  const expiresAt = Math.floor(Date.parse(item.startedAt) / 1000) + keptSeconds;
  return toItem(key, { ...item, expiresAt });
}

/** Notes the limit that ended a run, and what it did to a call; the first limit stays. */
export async function noteLimit(
  ports: Pick<Ports, "table">,
  runId: RunId,
  { by, to }: { readonly by: BudgetKind; readonly to: "refused" | "cut" },
): Promise<void> {
  const { endedBy } = await loadTotals(ports, runId);
  const set: { [attribute: string]: Json } = endedBy === undefined ? toAttributes({ endedBy: by }) : {};
  await ports.table.write([{ kind: "update", key: tableKey.callTotals(runId), set, add: { [to]: 1 } }]);
}

/** All zero for a run that has called no model. */
export async function loadTotals(ports: Pick<Ports, "table">, runId: RunId): Promise<Totals> {
  return (await readRecord(ports.table, tableKey.callTotals(runId), totalsSchema)) ?? totalsSchema.parse({});
}

/** Every call of a task in the table, in no order that means anything. */
export async function* eachCall(
  ports: Pick<Ports, "table">,
  runId: RunId,
  taskIndex: number,
): AsyncGenerator<Call> {
  const query = { ...partition.calls(runId, taskIndex), limit: 1000 };
  for await (const item of everyItem((from) => ports.table.query({ ...query, ...from }))) {
    yield callSchema.parse(item);
  }
}
