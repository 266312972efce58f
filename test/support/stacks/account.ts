/** As much of an AWS account as `sst build` asks for: whose it is, and whether it was made ready for deploying. */
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { StandIn } from "../aws/stand-in.ts";

/** Outputs of the stacks that SST and CDK make once in an account. */
const outputs = { Version: "7.4", BootstrapVersion: "21", BucketName: "assets" };

const answers: Record<string, string> = {
  GetCallerIdentity:
    "<GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>ada</UserId></GetCallerIdentityResult>",
  DescribeStacks: `<DescribeStacksResult><Stacks><member><StackName>bootstrap</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${Object.entries(
    outputs,
  )
    .map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    .join("")}</Outputs></member></Stacks></DescribeStacksResult>`,
};

export async function startAccount(): Promise<StandIn> {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const action = new URLSearchParams(await text(request)).get("Action") ?? "";
    const known = answers[action];
    response.writeHead(known === undefined ? 500 : 200, { "content-type": "text/xml" });
    response.end(`<${action}Response>${known ?? ""}</${action}Response>`);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
