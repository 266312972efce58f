import type { ScanCommandInput } from "@aws-sdk/client-dynamodb";
import type { Scan } from "@benchgen/core/ports.ts";
import { Placeholders } from "./expression.ts";
import { keyAttributes } from "./request.ts";

/**
 * The scan as DynamoDB takes it. Consistent: what was written before a page is asked for is seen by it.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
 * @param after the key of the last item that was looked at
 */
export function scanInput(
  TableName: string,
  { sortKeyPrefixes, attributes }: Scan,
  after: readonly string[] | undefined,
): ScanCommandInput {
  const placeholders = new Placeholders();
  const sk = placeholders.name("sk");
  const isWanted = sortKeyPrefixes.map((prefix) => `begins_with(${sk}, ${placeholders.value(prefix)})`);
  return {
    TableName,
    ConsistentRead: true,
    FilterExpression: isWanted.join(" OR "),
    ProjectionExpression: ["pk", "sk", ...attributes].map((name) => placeholders.name(name)).join(", "),
    ...placeholders.members,
    ...(after === undefined ? {} : { ExclusiveStartKey: keyAttributes({ pk: after[0]!, sk: after[1]! }) }),
  };
}
