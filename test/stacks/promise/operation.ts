/** What somebody who looks after a deployment relies on: logs, dead letters, alarms, what it costs. */
import { expect, it } from "vitest";
import { functionNames } from "../../../packages/functions/bundle.ts";
import type { Resource } from "../../support/stacks/synthesis.ts";
import { type Deployed, others } from "./deployed.ts";

export function operationPromises({ made, stage, settings }: Deployed): void {
  it("lets every log expire", () => {
    const groups = made().ofType("AWS::Logs::LogGroup");
    // A function each; the jobs, the workflow, requests.
    expect(groups.length).toBeGreaterThanOrEqual(functionNames.length + 3);
    expect(others(groups, ({ Properties }) => Properties["RetentionInDays"] === 30)).toEqual([]);
  });

  it("leads every event that could not be delivered or handled to the dead letters", () => {
    const isCaught = ({ Properties }: Resource) =>
      Properties["Targets"].every(
        (target: Record<string, unknown>) =>
          target["DeadLetterConfig"] !== undefined && target["RetryPolicy"] !== undefined,
      );
    expect(others(made().ofType("AWS::Events::Rule"), isCaught)).toEqual([]);
    const caught = made()
      .ofType("AWS::Lambda::EventInvokeConfig")
      .map(({ Properties }) => Properties["DestinationConfig"]);
    expect(caught).toHaveLength(6);
    for (const config of caught) expect(config.OnFailure.Destination).toBeDefined();
    // The sweep's own next round is its second try; a third and fourth would only delay the alarm.
    const retries = ({ Properties }: Resource) => Number(Properties["MaximumRetryAttempts"]);
    const all = made().ofType("AWS::Lambda::EventInvokeConfig").map(retries);
    expect(all.toSorted((a, b) => a - b)).toEqual([0, 2, 2, 2, 2, 2]);
    expect(
      made()
        .ofType("AWS::SQS::Queue")
        .map(({ Properties }) => Properties["SqsManagedSseEnabled"]),
    ).toEqual([true]);
  });

  it("tells where it is, for those who administer it", () => {
    const [parameter] = made()
      .ofType("AWS::SSM::Parameter")
      .filter(({ Properties }) => Properties["Name"] === `/benchgen/${stage}/deployment`);
    expect(parameter!.Properties["Tier"] ?? "Standard").toBe("Standard");
    for (const field of ["apiUrl", "tableName", "region"]) {
      expect(JSON.stringify(parameter!.Properties["Value"])).toContain(field);
    }
  });

  it("costs nothing worth naming while nothing happens", () => {
    // Free in every account: ten alarms, three dashboards. Nothing that is billed by the hour, and no key or secret.
    expect(made().ofType("AWS::CloudWatch::Alarm").length).toBeLessThanOrEqual(10);
    expect(made().ofType("AWS::CloudWatch::Dashboard").length).toBeLessThanOrEqual(3);
    const byTheMonth = [
      "AWS::KMS::Key",
      "AWS::SecretsManager::Secret",
      "AWS::EC2::NatGateway",
      "AWS::EC2::EIP",
    ];
    expect(made().resources.filter(({ Type }) => byTheMonth.includes(Type))).toEqual([]);
    if (!("network" in settings)) {
      expect(
        made()
          .ofType("AWS::EC2::VPCEndpoint")
          .map(({ Properties }) => Properties["VpcEndpointType"]),
      ).toEqual(["Gateway"]);
    }
  });

  it("tells somebody of what goes wrong, when there is somebody", () => {
    const told = "alarmEmail" in settings;
    const isTold = ({ Properties }: Resource) =>
      (Properties["AlarmActions"]?.length ?? 0) === (told ? 1 : 0) && Properties["AlarmDescription"] !== "";
    expect(others(made().ofType("AWS::CloudWatch::Alarm"), isTold)).toEqual([]);
    expect(made().ofType("AWS::SNS::Topic")).toHaveLength(told ? 1 : 0);
    expect(made().ofType("AWS::Budgets::Budget")).toHaveLength(told ? 1 : 0);
  });

  it("tells others of finished runs only when asked, with a secret that is named and not written down", () => {
    const connections: readonly Resource[] = made().ofType("AWS::Events::Connection");
    expect(connections).toHaveLength("notify" in settings ? 1 : 0);
    for (const { Properties } of connections) {
      const value = Properties["AuthParameters"].ApiKeyAuthParameters.ApiKeyValue;
      expect(JSON.stringify(value)).toContain("{{resolve:secretsmanager:slack:SecretString");
    }
  });
}
