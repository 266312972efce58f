/** CloudFormation's references and functions, as far as our templates use them: everything else is an error. */
import type { Account } from "./call.ts";

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value };

export interface Resource {
  readonly Type: string;
  readonly Properties?: { [name: string]: Value };
}

export interface Template {
  readonly Resources: { readonly [logicalId: string]: Resource };
  readonly Parameters?: { readonly [name: string]: { readonly Default?: Value } };
  readonly Outputs?: {
    readonly [name: string]: { readonly Value: Value; readonly Export?: { readonly Name: Value } };
  };
}

/** A stack as it is synthesised. */
export interface StackTemplate {
  readonly name: string;
  readonly template: Template;
}

export interface Evaluator {
  /** The value with everything resolved. @throws Error for what CloudFormation would have to know and this does not */
  readonly resolve: (value: Value | undefined) => Value;
  readonly text: (value: Value | undefined) => string;
}

/**
 * @param stacks all of the deployment: one may import what another exports
 * @param attributeOf what a resource of a type is called: undefined when nobody has said
 */
export function evaluatorFor(
  stack: StackTemplate,
  given: {
    readonly stacks: readonly StackTemplate[];
    readonly account: Account;
    readonly attributeOf: (resource: NamedResource, attribute: string) => string | undefined;
  },
): Evaluator {
  const { account } = given;
  const pseudo: Record<string, Value> = {
    "AWS::Region": account.region,
    "AWS::AccountId": account.accountId,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": stack.name,
    "AWS::NoValue": null,
  };

  const attribute = (logicalId: string, name: string): string => {
    const resource = stack.template.Resources[logicalId];
    if (resource === undefined) throw new Error(`${stack.name} has no resource ${logicalId}`);
    const properties = resource.Properties ?? {};
    const named = {
      logicalId,
      type: resource.Type,
      stack: stack.name,
      property: (key: string) => (properties[key] === undefined ? undefined : text(properties[key])),
    };
    const found = given.attributeOf(named, name);
    if (found === undefined) throw new Error(`nobody has said what ${name} of a ${resource.Type} is`);
    return found;
  };

  const functions: Readonly<Record<string, (argument: Value) => Value>> = {
    Ref: (name) => {
      if (typeof name !== "string") throw new Error("Ref takes a name");
      if (name in pseudo) return pseudo[name]!;
      const parameter = stack.template.Parameters?.[name];
      return parameter === undefined ? attribute(name, "Ref") : resolve(parameter.Default);
    },
    "Fn::GetAtt": (argument) => {
      const [logicalId = "", name = ""] =
        typeof argument === "string" ? argument.split(".") : (argument as string[]);
      return attribute(logicalId, name);
    },
    "Fn::Join": (argument) => {
      const [separator, parts] = argument as [string, Value];
      return (resolve(parts) as string[]).join(separator);
    },
    "Fn::Select": (argument) => {
      const [index, list] = argument as [number | string, Value];
      return (resolve(list) as Value[])[Number(index)]!;
    },
    "Fn::Split": (argument) => {
      const [separator, whole] = argument as [string, Value];
      return text(whole).split(separator);
    },
    "Fn::Sub": (argument) => {
      const [pattern, own] =
        typeof argument === "string" ? [argument, {}] : (argument as [string, Record<string, Value>]);
      return pattern.replace(/\$\{([^!}]+)\}/g, (_match, name: string) => {
        if (name in own) return text(own[name]);
        return text(name.includes(".") ? { "Fn::GetAtt": name } : { Ref: name });
      });
    },
    "Fn::GetAZs": () => ["a", "b", "c"].map((zone) => `${account.region}${zone}`),
    "Fn::ImportValue": (argument) => {
      const wanted = text(argument);
      for (const other of given.stacks) {
        const evaluator = other === stack ? { resolve, text } : evaluatorFor(other, given);
        for (const { Value: value, Export } of Object.values(other.template.Outputs ?? {})) {
          if (Export !== undefined && evaluator.text(Export.Name) === wanted) return evaluator.resolve(value);
        }
      }
      throw new Error(`no stack exports ${wanted}`);
    },
  };

  function resolve(value: Value | undefined): Value {
    if (Array.isArray(value)) return value.map(resolve).filter((each) => each !== null);
    if (typeof value !== "object" || value === null) return value ?? null;
    const entries = Object.entries(value);
    const [[name, argument] = ["", null]] = entries;
    const isFunction = entries.length === 1 && (name === "Ref" || name.startsWith("Fn::"));
    if (!isFunction) return Object.fromEntries(entries.map(([key, member]) => [key, resolve(member)]));
    const call = functions[name];
    if (call === undefined) throw new Error(`${name} is new here`);
    return call(argument);
  }

  function text(value: Value | undefined): string {
    const resolved = resolve(value);
    if (typeof resolved === "string" || typeof resolved === "number") return String(resolved);
    throw new Error(`${JSON.stringify(value)} is no text`);
  }

  return { resolve, text };
}

/** A resource whose name is asked for. */
export interface NamedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly stack: string;
  /** A property of its own, resolved. */
  readonly property: (name: string) => string | undefined;
}
