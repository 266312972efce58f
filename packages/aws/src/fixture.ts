import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientSettings } from "./client.ts";

export interface Answer {
  readonly status: number;
  readonly body: object;
}

/**
 * AWS over the wire, as far as a test needs it: gives these answers in turn, the last again and again.
 * @returns what clients are made with, and the bodies of the requests that came
 */
export async function serveAnswers(
  answers: readonly Answer[],
): Promise<{ settings: ClientSettings; requests: Record<string, unknown>[]; close: () => void }> {
  const requests: Record<string, unknown>[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
      const answer = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(JSON.parse(body) as Record<string, unknown>);
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    settings: {
      region: "us-east-1",
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: "testing", secretAccessKey: "testing" },
    },
    requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
