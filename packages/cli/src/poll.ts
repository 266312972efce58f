import { setTimeout as pause } from "node:timers/promises";
import { isLoopbackHost } from "@benchgen/api/host-guard.ts";
import type { Context } from "./context.ts";
import { Interrupted } from "./error.ts";

/** Asked of this process or this machine, an answer costs a millisecond; asked of a server, it costs that server too. */
const nearMs = 60;
const serverMs = { first: 250, most: 2000, growth: 1.3 };

/**
 * Asks again and again until `done`; against a server less and less often while nothing changes.
 * @throws Interrupted on Ctrl-C
 */
export async function poll<T>(
  context: Context,
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
): Promise<T> {
  const { host } = await context.connect();
  await host?.resume();
  const { url } = context.target;
  const near = host !== undefined || (url !== undefined && isLoopbackHost(new URL(url).host));
  let wait = near ? nearMs : serverMs.first;
  for (let before = ""; ;) {
    context.checkInterrupted();
    const answer = await ask();
    if (done(answer)) return answer;
    await pause(wait, undefined, { signal: context.signal }).catch(() => {
      throw new Interrupted();
    });
    const now = JSON.stringify(answer);
    if (!near) wait = now === before ? Math.min(serverMs.most, wait * serverMs.growth) : serverMs.first;
    before = now;
  }
}
