/** A gateway on a real server, and what endpoints that do everything wrong say behind it. */
import type { RequestListener, ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, vi } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { type Scene, openScene, serveGateway, startEndpoint } from "../support/gateway.ts";
import type { Listening } from "../support/http.ts";

export interface HostileGateway {
  /** A run that calls an endpoint which answers so, until the test ends. `hasty`: it is waited for no longer than a second. */
  readonly open: (listener: RequestListener, options?: { hasty: boolean }) => Promise<Scene>;
  /** The same with an endpoint at that URL, if there is one. */
  readonly openAt: (url: string) => Promise<Scene>;
  /** Ends the endpoint before its test does. */
  readonly closeEndpoint: () => Promise<void>;
}

/** For the tests of the file that calls it. */
export function useHostileGateway(): HostileGateway {
  let api: TestApi;
  let author: string;
  let gateway: Listening;
  let hastyGateway: Listening;
  let endpoint: Listening | undefined;

  beforeAll(async () => {
    api = await openApi();
    author = await api.token("ada", "author");
    gateway = await serveGateway(api, {});
    hastyGateway = await serveGateway(api, { idleMs: 300, wholeMs: 1000 });
  });
  afterAll(async () => {
    await Promise.all([gateway.close(), hastyGateway.close()]);
    await api.close();
  });

  // Time passes in small steps, and not while the machine does something else: what was sent in time has come in time.
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const closeEndpoint = async (): Promise<void> => {
    await endpoint?.close();
    endpoint = undefined;
  };
  afterEach(closeEndpoint);

  const openAt = (url: string, hasty = false): Promise<Scene> => {
    const { url: gatewayUrl } = hasty ? hastyGateway : gateway;
    return openScene(api, author, url, { budget: { tokens: 1_000_000 }, gatewayUrl });
  };
  return {
    open: async (listener, { hasty } = { hasty: false }) => {
      endpoint = await startEndpoint(listener);
      return openAt(endpoint.url, hasty);
    },
    openAt,
    closeEndpoint,
  };
}

export type Answer = (response: ServerResponse) => void;

export const json = { "content-type": "application/json" };
export const events = { "content-type": "text/event-stream" };
export const said = (content: string) => ({
  choices: [{ index: 0, message: { role: "assistant", content } }],
});
export const piece = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
export const status =
  (code: number, message = "No.", headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, { ...json, ...headers }).end(JSON.stringify({ error: { message } }));
/** As fast as it is taken, until nobody takes it. */
export const endless =
  (head: Answer, more: string): Answer =>
  (response) => {
    head(response);
    const write = () => {
      while (!response.destroyed && response.write(more));
    };
    response.on("drain", write);
    write();
  };
