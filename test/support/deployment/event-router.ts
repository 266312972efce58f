/** EventBridge between the stand-ins and the functions: rules, asynchronous invocation, retries, dead letters. */
import type { DeploymentDescription, FunctionDescription } from "./description.ts";
import type { DeliveredEvent } from "./event.ts";
import type { Functions } from "./function.ts";
import { matchesPattern } from "./pattern.ts";

export interface DeadLetter {
  readonly queueArn: string | undefined;
  readonly functionName: string;
  readonly event: object;
  readonly error: string;
}

export interface EventRouter {
  /** Everything that was put on any bus, in order. */
  readonly events: { readonly bus: string; readonly event: DeliveredEvent }[];
  /** What a function could not do, after all retries. Without a queue it is lost on AWS. */
  readonly deadLetters: DeadLetter[];
  /** Which events reach the rules in place of one that was put: twice, later, or never. Default: that one. */
  transform: (event: DeliveredEvent) => readonly DeliveredEvent[];
  put(bus: string, event: DeliveredEvent): void;
  /** An asynchronous invocation by something else than a rule. */
  send(functionArn: string, event: object): void;
  /** What the schedules would do now, or the one whose rule's name ends so. */
  tick(rule?: string): Promise<void>;
  /** Resolves when nothing is being delivered. */
  idle(): Promise<void>;
  readonly isIdle: () => boolean;
}

/** @param retryDelayMs Lambda waits one minute, then two */
export function createEventRouter(
  { rules, functions: descriptions }: Pick<DeploymentDescription, "rules" | "functions">,
  functions: Functions,
  retryDelayMs = 50,
): EventRouter {
  const underWay = new Set<Promise<void>>();
  const deadLetters: DeadLetter[] = [];

  /** EventBridge hands the event to Lambda, and is content; Lambda retries what the function refuses. */
  const deliver = async (target: FunctionDescription, event: object): Promise<void> => {
    for (let attempt = 0; ; attempt++) {
      try {
        await functions.invoke(target.name, event);
        return;
      } catch (error) {
        if (attempt < target.asyncRetries) {
          await new Promise((resolve) => setTimeout(resolve, retryDelayMs));
          continue;
        }
        const queueArn = target.asyncDeadLetterArn;
        deadLetters.push({ queueArn, functionName: target.name, event, error: String(error) });
        return;
      }
    }
  };

  const deliverTo = (arn: string, event: object): void => {
    const target = descriptions.find((each) => each.arn === arn);
    // Alarms and the like have other targets.
    if (target === undefined) return;
    const delivery = deliver(target, event).finally(() => underWay.delete(delivery));
    underWay.add(delivery);
  };

  const router: EventRouter = {
    events: [],
    deadLetters,
    transform: (event) => [event],
    put(bus, event) {
      router.events.push({ bus, event });
      for (const each of router.transform(event)) {
        for (const rule of rules) {
          if (rule.bus !== bus || rule.pattern === undefined || !matchesPattern(rule.pattern, each)) continue;
          for (const { arn } of rule.targets) deliverTo(arn, each);
        }
      }
    },
    send: deliverTo,
    async tick(of = "") {
      const event = {
        version: "0",
        id: "tick",
        source: "aws.events",
        "detail-type": "Scheduled Event",
        detail: {},
      };
      const due = rules.filter(({ schedule, name }) => schedule !== undefined && name.endsWith(of));
      for (const rule of due) {
        for (const { arn } of rule.targets) deliverTo(arn, event);
      }
      await router.idle();
    },
    isIdle: () => underWay.size === 0,
    async idle() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
  return router;
}
