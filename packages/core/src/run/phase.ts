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
    throw new Conflict("phase_closed", `No phase is open: ${phases.map(windowOf).join("; ")}.`);
  }
  if (others.length > 0) {
    throw new InvalidInput("phase_ambiguous", `${open.length} phases are open.`, {
      hint: `Choose one with --phase: ${names(open)}`,
    });
  }
  return only;
}

/** @throws Conflict `phase_closed` */
export function requireOpen(phase: Phase, now: Date): void {
  if (!isOpen(phase, now)) throw new Conflict("phase_closed", `${windowOf(phase)}.`);
}

function windowOf(phase: Phase): string {
  const opens = phase.start === undefined ? "" : ` opens ${phase.start}`;
  const closes = phase.end === undefined ? "" : ` closes ${phase.end}`;
  return `"${phase.name}"${opens}${opens !== "" && closes !== "" ? "," : ""}${closes}`;
}

function names(phases: readonly Phase[]): string {
  return phases.map((phase) => `${phase.index} (${phase.name})`).join(", ");
}
