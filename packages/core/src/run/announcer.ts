import type { GatewayAccess } from "../gateway/access.ts";
import { type AnnouncePorts, type ProgressSource, announceProgress } from "./announce.ts";
import { announceMs, isWhole, never } from "./announcement.ts";
import type { JobRecord } from "./record.ts";

/** Sources of which one process remembers when they are due. */
const maxSources = 1000;

interface Pace {
  dueAt: number;
  /** What was said last. */
  done?: number | undefined;
  total?: number | undefined;
  /** The last word was said. */
  ended: boolean;
}

/**
 * The sources of one process. It remembers when each is due, so that a line or a call that comes too early costs nothing.
 */
export class Announcer {
  readonly #ports: AnnouncePorts;
  readonly #onError: (error: unknown) => void;
  readonly #paces = new Map<string, Pace>();

  /** @param onError told why something could not be announced; nothing else depends on it */
  constructor(ports: AnnouncePorts, onError: (error: unknown) => void) {
    this.#ports = ports;
    this.#onError = onError;
  }

  /**
   * Tells of it when it is due.
   * @returns when to say it again, milliseconds, where it is too early; undefined when it needs no more telling
   */
  async say(source: ProgressSource): Promise<number | undefined> {
    const pace = this.#paceOf(source);
    const said = source.kind === "printed" ? source.progress : undefined;
    if (said !== undefined && said.done === pace.done && said.total === pace.total) return undefined;
    const isLast = !pace.ended && isLastWord(source);
    const now = this.#ports.clock.now().getTime();
    if (now < pace.dueAt && !(isLast && pace.dueAt < never)) {
      return pace.dueAt === never ? undefined : pace.dueAt;
    }
    // What comes while this is under way is early, too.
    pace.dueAt = now + announceMs;
    pace.ended ||= isLast;
    try {
      const { verdict, dueAt } = await announceProgress(this.#ports, source);
      pace.dueAt = dueAt;
      if (verdict === "early") return dueAt;
      Object.assign(pace, { done: said?.done, total: said?.total });
    } catch (error) {
      this.#onError(error);
    }
    return undefined;
  }

  /** A call has ended. A judge's say nothing of how far scoring is. */
  async callEnded({ runId, program }: Pick<GatewayAccess, "runId" | "program">): Promise<void> {
    if (program === "ingestion") await this.say({ kind: "calls", runId });
  }

  /** A job has reported: of one that was given a model, the last word on its calls. */
  async jobEnded({ runId, kind, gatewayHashes }: JobRecord): Promise<void> {
    if (kind === "scoring" || gatewayHashes.length === 0) return;
    await this.say({ kind: "calls", runId, last: true });
  }

  #paceOf(source: ProgressSource): Pace {
    const of = source.kind === "printed" ? `${source.taskIndex} ${source.job}` : "calls";
    const key = `${source.runId} ${of}`;
    const pace = this.#paces.get(key) ?? { dueAt: 0, ended: false };
    // The one that was needed last goes to the end: the first is the one to forget.
    this.#paces.delete(key);
    this.#paces.set(key, pace);
    const [oldest] = this.#paces.keys();
    if (this.#paces.size > maxSources && oldest !== undefined) this.#paces.delete(oldest);
    return pace;
  }
}

function isLastWord(source: ProgressSource): boolean {
  return source.kind === "printed" ? isWhole(source.progress) : source.last === true;
}
