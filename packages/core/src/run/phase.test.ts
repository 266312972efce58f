import { describe, expect, test } from "vitest";
import { phaseRecord } from "../../../../test/support/manifest.ts";
import { choosePhase, isOpen, requireOpen } from "./phase.ts";

const at = (iso: string) => new Date(iso);
const past = phaseRecord({ index: 0, name: "Past", end: "2026-01-01T00:00:00.000Z" });
const open = phaseRecord({ index: 1, name: "Open", start: "2026-01-01T00:00:00.000Z" });
const now = at("2026-06-01T00:00:00Z");

describe("a phase's window", () => {
  test("starts at its start and is over at its end", () => {
    const phase = { start: "2026-01-01T00:00:00.000Z", end: "2026-02-01T00:00:00.000Z" };
    expect(isOpen(phase, at("2025-12-31T23:59:59.999Z"))).toBe(false);
    expect(isOpen(phase, at("2026-01-01T00:00:00Z"))).toBe(true);
    expect(isOpen(phase, at("2026-01-31T23:59:59.999Z"))).toBe(true);
    expect(isOpen(phase, at("2026-02-01T00:00:00Z"))).toBe(false);
  });

  test("is unlimited where nothing is said", () => {
    expect(isOpen({}, now)).toBe(true);
  });
});

describe("choosing a phase", () => {
  test("takes the only open one", () => {
    expect(choosePhase([past, open], undefined, now)).toBe(open);
  });

  test("asks which one when several are open", () => {
    const other = phaseRecord({ index: 2, name: "Also open" });
    expect(() => choosePhase([open, other], undefined, now)).toThrow(
      expect.objectContaining({ code: "phase_ambiguous", hint: expect.stringContaining("2 (Also open)") }),
    );
  });

  test("says when each phase opens or closes when none is open", () => {
    expect(() => choosePhase([past], undefined, now)).toThrow(
      'No phase is open: "Past" closed 2026-01-01 00:00 UTC.',
    );
  });

  test("takes an index or a name, whatever the time", () => {
    expect(choosePhase([past, open], "0", now)).toBe(past);
    expect(choosePhase([past, open], "Past", now)).toBe(past);
    expect(() => choosePhase([past, open], "7", now)).toThrow("There is no phase");
  });

  test("takes the first one where windows do not matter", () => {
    expect(choosePhase([past, open], undefined, undefined)).toBe(past);
  });
});

test("a closed phase says when it closed or opens, and which is open", () => {
  const future = phaseRecord({ index: 2, name: "Final", start: "2035-01-01T00:00:00.000Z" });
  const phases = [past, open, future];
  expect(() => requireOpen(open, { phases, now })).not.toThrow();
  expect(() => requireOpen(past, { phases, now })).toThrow(
    expect.objectContaining({
      code: "phase_closed",
      message: 'The phase is not open: "Past" closed 2026-01-01 00:00 UTC.',
      hint: expect.stringContaining(`${open.index} (${open.name})`),
    }),
  );
  expect(() => requireOpen(future, { phases: [future], now })).toThrow(
    expect.objectContaining({
      message: 'The phase is not open: "Final" opens 2035-01-01 00:00 UTC.',
      hint: undefined,
    }),
  );
});
