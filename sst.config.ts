import type { SSTConfig } from "sst";
import type { App } from "sst/constructs";
import { useProject } from "sst/project.js";
import { Api } from "./stacks/api.ts";
import { Events } from "./stacks/event.ts";
import { Network } from "./stacks/network.ts";
import { Notifications } from "./stacks/notification.ts";
import { Pipeline } from "./stacks/pipeline.ts";
import { Runner } from "./stacks/runner.ts";
import { Safety } from "./stacks/safety.ts";
import { type Settings, provideSettings, readSettings } from "./stacks/setting.ts";
import { Storage } from "./stacks/storage.ts";

/** The deployment, a stack per concern, in the order in which they need each other. */
export function deployment(app: App, settings: Settings): void {
  provideSettings(app, settings);
  app
    .stack(Storage) // the table and the bucket: all that lasts
    .stack(Events) // the bus others listen on, and the queue of what nobody could handle
    .stack(Network) // where jobs run
    .stack(Runner) // the cluster, and the image of our own containers
    .stack(Api) // requests in, and the gateway to models
    .stack(Pipeline) // upload → validate → publish; run → plan → jobs → scores → leaderboard
    .stack(Notifications) // finished runs, to Slack or a webhook
    .stack(Safety); // what ended badly, what was left undone, alarms, the dashboard
}

export default {
  config: ({ stage }) => {
    const region = stage === undefined ? undefined : readSettings("stages", stage).region;
    return { name: "benchgen", ...(region === undefined ? {} : { region }) };
  },
  stacks: (app) => deployment(app, readSettings(`${useProject().paths.root}/stages`, app.stage)),
} satisfies SSTConfig;
