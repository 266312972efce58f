/** Which phase a run belongs to, and whether it is open. Pure. */
import type { Phase } from "../bundle/manifest.ts";
import { Conflict, InvalidInput } from "../error.ts";

/** `start` is inclusive, `end` exclusive; missing ones do not limit. */
export function isOpen(phase: Pick<Phase, "start" | "end">, now: Date): boolean {
  const at = now.getTime();
  const started = phase.start === undefined || Date.parse(phase.start) <= at;
  const ended = phase.end !== undefined && Date.parse(phase.end) <= at;
  return started && !ended;
}

/**
 * The phase asked for, by index or name; without one the only open phase (or, when time does not matter, the first).
 * @param now undefined when windows do not matter
 * @throws InvalidInput `phase_unknown`, `phase_ambiguous`
 * @throws Conflict `phase_closed` when none is open
 */
export function choosePhase(
  phases: readonly Phase[],
  asked: string | undefined,
  now: Date | undefined,
): Phase {
  if (asked !== undefined) {
    const found =
      phases.find((phase) => String(phase.index) === asked) ?? phases.find((phase) => phase.name === asked);
    if (found !== undefined) return found;
    throw new InvalidInput("phase_unknown", `There is no phase "${asked}".`, {
      hint: `Choose one of: ${names(phases)}`,
    });
  }
  const open = now === undefined ? phases.slice(0, 1) : phases.filter((phase) => isOpen(phase, now));
  const [only, ...others] = open;
  if (only === undefined) {
    const windows = now === undefined ? [] : phases.map((phase) => windowOf(phase, now));
    throw new Conflict("phase_closed", `No phase is open: ${windows.join("; ")}.`);
  }
  if (others.length > 0) {
    throw new InvalidInput("phase_ambiguous", `${open.length} phases are open.`, {
      hint: `Choose one with --phase: ${names(open)}`,
    });
  }
  return only;
}

/**
 * @param phases all that there are: one that is open is offered instead
 * @throws Conflict `phase_closed`
 */
export function requireOpen(phase: Phase, { phases, now }: { phases: readonly Phase[]; now: Date }): void {
  if (isOpen(phase, now)) return;
  const open = phases.filter((other) => isOpen(other, now));
  const message = `The phase is not open: ${windowOf(phase, now)}.`;
  throw new Conflict("phase_closed", message, open.length === 0 ? {} : { hint: `Open now: ${names(open)}` });
}

/** Why a phase is not open: `"Final" opens 2035-01-01 00:00 UTC`. */
function windowOf({ name, start, end }: Phase, now: Date): string {
  const ended = end !== undefined && Date.parse(end) <= now.getTime();
  const [what, at = ""] = ended ? ["closed", end] : ["opens", start];
  return `"${name}" ${what} ${at.slice(0, 16).replace("T", " ")} UTC`;
}

function names(phases: readonly Phase[]): string {
  return phases.map((phase) => `${phase.index} (${phase.name})`).join(", ");
}
