/** The stacks as templates, made offline: no account, no Docker. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Aspects } from "aws-cdk-lib";
import { type CloudAssembly, SynthesisMessageLevel } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks } from "cdk-nag";
import { App } from "sst/constructs";
import { initProject } from "sst/project.js";
import { deployment } from "../../../sst.config.ts";
import { parseSettings } from "../../../stacks/setting.ts";
import { projectRoot } from "./root.ts";

export interface Resource {
  /** Stack and logical id: `Storage/table8235A42E`. */
  readonly id: string;
  readonly Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a template's properties are as many shapes as AWS has
  readonly Properties: Record<string, any>;
  readonly DeletionPolicy?: string;
  readonly Metadata?: Record<string, unknown>;
}

/** A stack as CloudFormation gets it. */
export interface StackTemplate {
  readonly name: string;
  readonly template: unknown;
}

export interface Synthesis {
  readonly stacks: readonly StackTemplate[];
  /** Of every stack. */
  readonly resources: readonly Resource[];
  /** Errors and warnings of cdk-nag's AwsSolutions rules and of CDK, each with the path it is about. */
  readonly complaints: readonly string[];
  ofType(type: string): readonly Resource[];
}

export interface SynthesisOptions {
  readonly stage?: string;
  /** As in `stages/<stage>.json`. */
  readonly settings?: Record<string, unknown>;
  /** Whether the functions are bundled; without, they hold a placeholder, and synthesis is quicker. */
  readonly bundle?: boolean;
}

export async function synthesise({ stage = "test", settings = {}, bundle = false }: SynthesisOptions = {}) {
  const root = await projectRoot();
  const outdir = join(root, "out");
  try {
    await initProject({ stage, root });
    const isActiveStack = bundle ? undefined : () => false;
    const app = new App(
      {
        mode: "deploy",
        name: "benchgen",
        stage,
        region: "eu-central-1",
        account: "123456789012",
        isActiveStack,
      },
      { outdir },
    );
    deployment(app, parseSettings(JSON.stringify(settings), stage, `stages/${stage}.json`));
    Aspects.of(app).add(new AwsSolutionsChecks());
    await app.finish();
    return read(app.synth());
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

function read(assembly: CloudAssembly): Synthesis {
  const resources = assembly.stacks.flatMap(({ id, template }) =>
    Object.entries(template.Resources as Record<string, Omit<Resource, "id">>).map(
      ([logicalId, resource]) => ({
        ...resource,
        Properties: resource.Properties ?? {},
        id: `${id}/${logicalId}`,
      }),
    ),
  );
  const complaints = assembly.stacks.flatMap(({ messages }) =>
    messages
      .filter(({ level }) => level !== SynthesisMessageLevel.INFO)
      .map(({ id, entry }) => `${id}: ${JSON.stringify(entry.data)}`),
  );
  const stacks = assembly.stacks.map(({ stackName, template }) => ({ name: stackName, template }));
  return { stacks, resources, complaints, ofType: (type) => resources.filter(({ Type }) => Type === type) };
}
