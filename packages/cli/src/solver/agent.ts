/** The solver as an agent with tools. Pure. It reads an order in plain sentences and carries it out, a call a turn. */

/** Tools it knows how to use, by name. */
const tools = ["calculator", "count_items", "move_items", "set_price"] as const;
type Tool = (typeof tools)[number];

export interface Action {
  readonly tool: Tool;
  readonly arguments: Readonly<Record<string, string | number>>;
}

/** An action, once the results of those before it are known. */
type Step = (results: readonly string[]) => Action;

/**
 * What to do next, or `done`; undefined when the prompt gives no order that the offered tools can carry out.
 * @param results what the tools answered so far, in order
 * @param errs its last number is wrong
 */
export function nextAction(
  prompt: string,
  offered: readonly string[],
  { results, errs }: { readonly results: readonly string[]; readonly errs: boolean },
): Action | "done" | undefined {
  const steps = stepsOf(prompt);
  if (steps.length === 0 || !tools.every((tool) => offered.includes(tool))) return undefined;
  const step = steps[results.length];
  if (step === undefined) return "done";
  const action = step(results);
  return errs && results.length === steps.length - 1 ? mistaken(action) : action;
}

const sentence = new RegExp(
  [
    String.raw`move (?<count>\d+|all) (?<item>\w+) from shelf (?<source>\w+) to shelf (?<target>\w+)`,
    String.raw`set the price of (?<priced>\w+) to (?<expression>[\d\s.+*/()-]*\d\)*)`,
  ].join("|"),
  "gi",
);

function stepsOf(prompt: string): Step[] {
  const steps: Step[] = [];
  for (const { groups = {} } of prompt.matchAll(sentence)) {
    // How many results there are when this sentence is begun.
    const before = steps.length;
    const { count, item = "", source = "", target = "", priced = "", expression } = groups;
    if (expression !== undefined) {
      steps.push(
        () => ({ tool: "calculator", arguments: { expression } }),
        (results) => ({ tool: "set_price", arguments: { item: priced, amount: Number(results[before]) } }),
      );
    } else if (count === "all") {
      steps.push(
        () => ({ tool: "count_items", arguments: { item, shelf: source } }),
        (results) => move({ item, count: Number(results[before]), source, target }),
      );
    } else {
      steps.push(() => move({ item, count: Number(count), source, target }));
    }
  }
  return steps;
}

function move(what: { item: string; count: number; source: string; target: string }): Action {
  return { tool: "move_items", arguments: what };
}

/** One too few: what cannot be done would be refused, and tried again. */
function mistaken({ tool, arguments: given }: Action): Action {
  const wrong = Object.entries(given).map(([name, value]) => [
    name,
    typeof value === "number" ? Math.max(0, value - 1) : value,
  ]);
  return { tool, arguments: Object.fromEntries(wrong) as Action["arguments"] };
}
