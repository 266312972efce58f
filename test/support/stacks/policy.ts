/** The statements of every policy in a deployment's templates. */
import type { Resource, Synthesis } from "./synthesis.ts";

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

export interface FoundStatement {
  /** For messages: the resource's id and the statement. */
  readonly of: string;
  readonly resource: Resource;
  readonly statement: Statement;
}

/** Of roles (who may take them, what they may do), and of what has a policy of its own. */
export function statementsOf({ resources }: Synthesis): FoundStatement[] {
  return resources.flatMap((resource) =>
    documentsIn(resource.Properties).flatMap(({ Statement }) =>
      Statement.map((statement) => ({
        of: `${resource.id} ${JSON.stringify(statement)}`,
        resource,
        statement,
      })),
    ),
  );
}

function documentsIn(value: unknown): { Statement: Statement[] }[] {
  if (typeof value !== "object" || value === null) return [];
  if ("Statement" in value && Array.isArray(value.Statement)) return [value as { Statement: Statement[] }];
  return Object.values(value).flatMap(documentsIn);
}
