/** What to say to who asked for a case that is not there. */
import { blobSource } from "../bundle/byte-source.ts";
import { closest } from "../bundle/closest.ts";
import type { Ports } from "../ports.ts";
import type { CaseReference } from "../wire/case.ts";
import { blobKey } from "../wire/key.ts";
import { lookUp } from "./id-index.ts";
import { type RunCases, pageOfCases } from "./list.ts";

/** Where it is looked for, each a few small requests: a mistake must not cost more than what was asked. */
const maxTasks = 16;
const epochs = [1, 2, 3, 4, 5, 6, 7, 8];
/** Cases that a mistyped id is compared with: the first, and those that hold it. */
const maxCompared = 1000;
const maxHolding = 50;

/**
 * The same id in another repeat or task, else one that is spelled almost like it.
 * @param run tasks that have cases
 * @returns a sentence; undefined when nothing is near
 */
export async function suggestCase(
  ports: Pick<Ports, "blobs">,
  run: RunCases,
  asked: CaseReference,
): Promise<string | undefined> {
  const { id, task, epoch } = asked;
  const isIn = async (index: number, repeat: number): Promise<boolean> => {
    const ids = await blobSource(ports.blobs, blobKey.cases(run.id, index, "ids"));
    return (await lookUp(ids, id, repeat)) !== undefined;
  };
  const own = run.tasks.find(({ index }) => index === task);
  const repeats = own === undefined ? [] : epochs.filter((other) => other !== epoch);
  for (const other of repeats) {
    if (await isIn(task, other)) return `It is there with epoch ${other}: --epoch ${other}`;
  }
  for (const { index } of run.tasks.filter((each) => each !== own).slice(0, maxTasks)) {
    if (await isIn(index, epoch)) return `Task ${index} has one: --task ${index}`;
  }
  const near = own === undefined ? undefined : await nearId(ports, run, asked);
  return near === undefined ? undefined : `Did you mean ${JSON.stringify(near)}?`;
}

async function nearId(
  ports: Pick<Ports, "blobs">,
  run: RunCases,
  { id, task }: CaseReference,
): Promise<string | undefined> {
  const idsOf = async (q: string | undefined, limit: number): Promise<string[]> =>
    (await pageOfCases(ports, run, { task, q, limit })).items.map((found) => found.id);
  const holding = (await idsOf(id, maxHolding)).filter((found) =>
    found.toLowerCase().includes(id.toLowerCase()),
  );
  return closest(id, [...(await idsOf(undefined, maxCompared)), ...holding]) ?? holding[0];
}
