/** The table and the bucket: closed, encrypted, restorable, and forgetful where they should be. */
import { expect, it } from "vitest";
import { statementsOf } from "../../support/stacks/policy.ts";
import { type Deployed } from "./deployed.ts";

export function storagePromises({ made, stage, settings }: Deployed): void {
  it("keeps the bucket closed: no public access, TLS only, encrypted, no lists of access", () => {
    const buckets = made().ofType("AWS::S3::Bucket");
    expect(buckets).toHaveLength(1);
    for (const { Properties } of buckets) {
      expect(Object.values(Properties["PublicAccessBlockConfiguration"])).toEqual([true, true, true, true]);
      expect(JSON.stringify(Properties["BucketEncryption"])).toContain("AES256");
      expect(JSON.stringify(Properties["OwnershipControls"])).toContain("BucketOwnerEnforced");
      expect(Properties["NotificationConfiguration"]).toEqual({
        EventBridgeConfiguration: { EventBridgeEnabled: true },
      });
      expect(Properties["AccessControl"]).toBeUndefined();
    }
    const denied = statementsOf(made()).filter(({ statement }) => statement.Effect === "Deny");
    const refusesPlain = (type: string) =>
      denied.some(
        ({ resource, statement }) =>
          resource.Type === type &&
          JSON.stringify(statement.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
      );
    expect(["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"].filter(refusesPlain)).toHaveLength(2);
  });

  it("opens the bucket to browsers only for what the settings name", () => {
    const cors = made().ofType("AWS::S3::Bucket")[0]!.Properties["CorsConfiguration"];
    if (!("corsOrigins" in settings)) return expect(cors).toBeUndefined();
    expect(cors.CorsRules).toHaveLength(1);
    expect(cors.CorsRules[0].AllowedOrigins).toEqual(settings.corsOrigins);
    expect(cors.CorsRules[0].AllowedMethods).toEqual(["PUT", "GET"]);
  });

  it("forgets uploads, checks, long answers and unfinished uploads in parts", () => {
    const rules: { Prefix?: string; AbortIncompleteMultipartUpload?: unknown }[] =
      made().ofType("AWS::S3::Bucket")[0]!.Properties["LifecycleConfiguration"].Rules;
    expect(rules.map(({ Prefix }) => Prefix)).toEqual(
      expect.arrayContaining(["uploads/", "checked/", "made/"]),
    );
    expect(
      rules.some(({ AbortIncompleteMultipartUpload }) => AbortIncompleteMultipartUpload !== undefined),
    ).toBe(true);
  });

  it("has one table: on demand, restorable to any second, with both indexes and a time to live", () => {
    const [table, ...more] = made().ofType("AWS::DynamoDB::Table");
    expect(more).toEqual([]);
    expect(table!.Properties).toMatchObject({
      BillingMode: "PAY_PER_REQUEST",
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
    const indexes: { IndexName: string }[] = table!.Properties["GlobalSecondaryIndexes"];
    expect(indexes.map(({ IndexName }) => IndexName)).toEqual(["gsi1", "gsi2"]);
  });

  it("keeps table and bucket when production is removed, and nothing of another stage", () => {
    const lasting = made().resources.filter(({ DeletionPolicy }) => DeletionPolicy?.startsWith("Retain"));
    const types = lasting.map(({ Type }) => Type).toSorted();
    expect(types).toEqual(stage === "production" ? ["AWS::DynamoDB::Table", "AWS::S3::Bucket"] : []);
  });
}
