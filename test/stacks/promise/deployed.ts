/** What every promise is asked of. */
import type { Resource, Synthesis } from "../../support/stacks/synthesis.ts";

/** A deployment as it was made of its settings. */
export interface Deployed {
  /** Once the tests run. */
  readonly made: () => Synthesis;
  readonly stage: string;
  /** What was set; anything else is as it is by default. */
  readonly settings: {
    readonly alarmEmail?: string;
    readonly corsOrigins?: readonly string[];
    readonly gatewayConcurrency?: number;
    readonly network?: "isolated";
    readonly notify?: object;
  };
}

/** Those of ours, without the handlers SST and CDK bring along for deploying. */
export function functionsOf(made: Synthesis): readonly Resource[] {
  return made
    .ofType("AWS::Lambda::Function")
    .filter(({ Properties }) => String(Properties["FunctionName"]).startsWith("benchgen-"));
}

/** The ids of those that are not as they should be. */
export function others(resources: readonly Resource[], isGood: (resource: Resource) => boolean): string[] {
  return resources.filter((resource) => !isGood(resource)).map(({ id }) => id);
}
