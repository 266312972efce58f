import type { SSTConfig } from "sst";
import { useProject } from "sst/project.js";
import { deployment } from "./stacks/all.ts";
import { readSettings } from "./stacks/setting.ts";

export default {
  config: ({ stage }) => {
    const region = stage === undefined ? undefined : readSettings("stages", stage).region;
    return { name: "benchgen", ...(region === undefined ? {} : { region }) };
  },
  stacks: (app) => deployment(app, readSettings(`${useProject().paths.root}/stages`, app.stage)),
} satisfies SSTConfig;
