/** What jobs can reach, and who can reach them. */
import { expect, it } from "vitest";
import { type Deployed, functionsOf } from "./deployed.ts";

export function networkPromises({ made, stage, settings }: Deployed): void {
  it("tells jobs of a gateway that they can reach, whose answers are streamed", () => {
    const [api] = functionsOf(made()).filter(
      ({ Properties }) => Properties["FunctionName"] === `benchgen-${stage}-api`,
    );
    const told = JSON.stringify(api!.Properties["Environment"].Variables["BENCHGEN_GATEWAY_URL"]);
    if (!("network" in settings)) return expect(told).toContain("FunctionUrl");
    expect(told).toContain("execute-api");
    const streamed = made()
      .ofType("AWS::ApiGateway::Method")
      .map(({ Properties }) => Properties["Integration"])
      .filter(({ ResponseTransferMode }) => ResponseTransferMode === "STREAM");
    expect(streamed).toHaveLength(1);
    expect(JSON.stringify(streamed[0].Uri)).toContain("gateway");
    expect(JSON.stringify(streamed[0].Uri)).toContain("/response-streaming-invocations");
  });

  it("lets nothing connect to a job, and a job connect by HTTPS only", () => {
    const [group] = made()
      .ofType("AWS::EC2::SecurityGroup")
      .filter(({ Properties }) => String(Properties["GroupDescription"]).startsWith("Jobs"));
    expect(group!.Properties["SecurityGroupIngress"]).toBeUndefined();
    const egress: { FromPort: number; ToPort: number; IpProtocol: string }[] =
      group!.Properties["SecurityGroupEgress"];
    expect(egress.map(({ FromPort, ToPort, IpProtocol }) => [IpProtocol, FromPort, ToPort])).toEqual([
      ["tcp", 443, 443],
    ]);
    expect(made().ofType("AWS::EC2::NatGateway")).toEqual([]);
    for (const { Properties } of made().ofType("AWS::EC2::Subnet")) {
      expect(Properties["MapPublicIpOnLaunch"] ?? false).toBe(false);
    }
  });

  it("reaches our bucket through the network, and no other but where images lie", () => {
    const [storage] = made()
      .ofType("AWS::EC2::VPCEndpoint")
      .filter(({ Properties }) => Properties["VpcEndpointType"] === "Gateway");
    const statements: { Action: string | string[]; Resource: unknown }[] =
      storage!.Properties["PolicyDocument"].Statement;
    expect(statements.map(({ Action }) => Action)).toEqual([
      ["s3:GetObject", "s3:PutObject"],
      "s3:GetObject",
    ]);
    expect(JSON.stringify(statements[1]!.Resource)).toContain("starport-layer-bucket");
  });

  it("has a way out of the subnets, or all that a job needs inside", () => {
    const isolated = "network" in settings;
    const outward = made().ofType("AWS::EC2::Route");
    const services = made()
      .ofType("AWS::EC2::VPCEndpoint")
      .filter(({ Properties }) => Properties["VpcEndpointType"] === "Interface")
      .map(
        ({ Properties }) =>
          /ecr\.api|ecr\.dkr|logs|execute-api/.exec(JSON.stringify(Properties["ServiceName"]))?.[0],
      );
    expect(outward).toHaveLength(isolated ? 0 : 2);
    expect(new Set(services)).toEqual(new Set(isolated ? ["ecr.api", "ecr.dkr", "execute-api", "logs"] : []));
    const privateApis = made().ofType("AWS::ApiGateway::RestApi");
    expect(privateApis).toHaveLength(isolated ? 1 : 0);
    for (const { Properties } of privateApis) {
      expect(Properties["EndpointConfiguration"].Types).toEqual(["PRIVATE"]);
      expect(JSON.stringify(Properties["Policy"])).toContain("aws:SourceVpce");
    }
  });
}
