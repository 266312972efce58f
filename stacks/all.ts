/** The deployment, a stack per concern, in the order in which they need each other. */
import type { App } from "sst/constructs";
import { Api } from "./api.ts";
import { Events } from "./event.ts";
import { Network } from "./network.ts";
import { Notifications } from "./notification.ts";
import { Pipeline } from "./pipeline.ts";
import { Runner } from "./runner.ts";
import { Safety } from "./safety.ts";
import { type Settings, provideSettings } from "./setting.ts";
import { Storage } from "./storage.ts";

export const stacks = [Storage, Events, Network, Runner, Api, Pipeline, Notifications, Safety] as const;

export function deployment(app: App, settings: Settings): void {
  provideSettings(app, settings);
  for (const stack of stacks) app.stack(stack);
}
