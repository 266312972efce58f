import { canonicalJson } from "@benchgen/core/port/canonical-json.ts";
import { executionDiffers } from "@benchgen/core/port/execution.ts";
import type { Execution, ExecutionEvent, ExecutionStatus, Json } from "@benchgen/core/ports.ts";
import type { Database, Row } from "../database.ts";
import type { Failure } from "./failure.ts";

const schema = `
  create table if not exists execution (
    name text primary key, status text not null, input text not null, output text, error text, cause text,
    owner text not null, announced integer not null, started_at text not null, ended_at text
  ) strict, without rowid;
  create index if not exists execution_open on execution (owner) where status = 'running' or announced = 0;
  create table if not exists execution_event (
    execution text not null, position integer not null, at text not null, type text not null, state text, detail text,
    primary key (execution, position)
  ) strict, without rowid;
  create table if not exists execution_step (
    execution text not null, state text not null, input_hash text not null, attempt integer not null,
    output text, error text, cause text,
    primary key (execution, state, input_hash, attempt)
  ) strict, without rowid;
`;

const eventTypes = {
  succeeded: "ExecutionSucceeded",
  failed: "ExecutionFailed",
  timed_out: "ExecutionTimedOut",
  aborted: "ExecutionAborted",
} as const;

/** One attempt at one step. Equal inputs of one state count their attempts together. */
export interface StepKey {
  readonly execution: string;
  readonly state: string;
  readonly inputHash: string;
  /** From 0. */
  readonly attempt: number;
}

export type StepOutcome = { readonly output: Json } | Failure;

/** How an execution ended. */
export interface Ending {
  readonly status: Exclude<ExecutionStatus, "running">;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
}

/** Executions, their events, and the outcomes of their steps, in SQLite. */
export class Journal {
  readonly #database: Database;
  readonly #owner: string;

  constructor(database: Database, owner: string) {
    this.#database = database;
    this.#owner = owner;
    database.define(schema);
  }

  /** @returns whether it is new. @throws Conflict `execution_differs` when that name was started with another input */
  begin(name: string, input: Json, at: string): boolean {
    return this.#database.transaction(() => {
      const text = canonicalJson(input);
      const existing = this.#database.get("select input from execution where name = ?", name);
      if (existing !== undefined) {
        if (existing["input"] === text) return false;
        throw executionDiffers(name);
      }
      this.#database.run(
        `insert into execution (name, status, input, owner, announced, started_at) values (?, 'running', ?, ?, 1, ?)`,
        name,
        text,
        this.#owner,
        at,
      );
      this.#append(name, { at, type: "ExecutionStarted" });
      return true;
    });
  }

  /**
   * Writes the terminal status, unless there is one: whoever is first decides, in whichever process.
   * @param announced false when somebody is still to be told
   */
  end(name: string, ending: Ending, options: { at: string; announced: boolean }): boolean {
    const { status, output, error, cause } = ending;
    return this.#database.transaction(() => {
      const { changes } = this.#database.run(
        `update execution set status = ?, output = ?, error = ?, cause = ?, owner = ?, announced = ?, ended_at = ?
         where name = ? and status = 'running'`,
        status,
        output === undefined ? null : JSON.stringify(output),
        error ?? null,
        cause ?? null,
        this.#owner,
        options.announced ? 1 : 0,
        options.at,
        name,
      );
      if (changes === 0) return false;
      const detail = error === undefined ? {} : { detail: { error, cause: cause ?? null } };
      this.#append(name, { at: options.at, type: eventTypes[status], ...detail });
      // Nothing will ask for them again, and they hold the jobs' tokens.
      this.#database.run("delete from execution_step where execution = ?", name);
      return true;
    });
  }

  announced(name: string): void {
    this.#database.run("update execution set announced = 1 where name = ?", name);
  }

  find(name: string): Execution | undefined {
    const row = this.#database.get("select * from execution where name = ?", name);
    return row === undefined ? undefined : executionOf(row);
  }

  /** Names of this owner's executions that nobody has ended. */
  running(): Set<string> {
    const sql = "select name from execution where owner = ? and status = 'running'";
    return new Set(this.#database.all(sql, this.#owner).map((row) => String(row["name"])));
  }

  /** Makes this owner responsible for what owners that are gone left open: still running, or not announced. */
  adopt(isAlive: (owner: string) => boolean, at: string): Execution[] {
    const open = this.#database
      .all("select distinct owner from execution where status = 'running' or announced = 0")
      .map((row) => String(row["owner"]))
      .filter((owner) => owner !== this.#owner && !isAlive(owner));
    return open.flatMap((owner) =>
      this.#database.transaction(() => {
        const sql = "select * from execution where owner = ? and (status = 'running' or announced = 0)";
        const executions = this.#database.all(sql, owner).map(executionOf);
        for (const { name, status } of executions) {
          this.#database.run("update execution set owner = ? where name = ?", this.#owner, name);
          if (status === "running") this.#append(name, { at, type: "ExecutionRedriven" });
        }
        return executions;
      }),
    );
  }

  /** Adds an event of an execution that this owner runs; one that comes after its end is dropped. */
  record(name: string, event: ExecutionEvent): void {
    this.#database.transaction(() => {
      const sql = "select 1 from execution where name = ? and owner = ? and status = 'running'";
      if (this.#database.get(sql, name, this.#owner) !== undefined) this.#append(name, event);
    });
  }

  /** Events after that position, with their positions. */
  events(name: string, after: number, limit: number): { position: number; event: ExecutionEvent }[] {
    const sql =
      "select * from execution_event where execution = ? and position > ? order by position limit ?";
    return this.#database
      .all(sql, name, after, limit)
      .map((row) => ({ position: Number(row["position"]), event: eventOf(row) }));
  }

  /** Names of executions that ended before that time and that nobody is still to be told of, in order, after that name. */
  endedBefore(time: string, after: string, limit: number): string[] {
    const sql = `select name from execution where name > ? and ended_at < ? and announced = 1 order by name limit ?`;
    return this.#database.all(sql, after, time, limit).map((row) => String(row["name"]));
  }

  /** Deletes an execution that is over, with its events. */
  forget(name: string): void {
    this.#database.transaction(() => {
      const sql = "delete from execution where name = ? and status <> 'running'";
      if (this.#database.run(sql, name).changes === 0) return;
      this.#database.run("delete from execution_event where execution = ?", name);
      this.#database.run("delete from execution_step where execution = ?", name);
    });
  }

  outcome({ execution, state, inputHash, attempt }: StepKey): StepOutcome | undefined {
    const sql = `select output, error, cause from execution_step
      where execution = ? and state = ? and input_hash = ? and attempt = ?`;
    const row = this.#database.get(sql, execution, state, inputHash, attempt);
    if (row === undefined) return undefined;
    return row["output"] === null
      ? { error: String(row["error"]), cause: String(row["cause"]) }
      : { output: JSON.parse(String(row["output"])) as Json };
  }

  recordOutcome({ execution, state, inputHash, attempt }: StepKey, outcome: StepOutcome): void {
    const [output, error, cause] =
      "output" in outcome
        ? [JSON.stringify(outcome.output), null, null]
        : [null, outcome.error, outcome.cause];
    this.#database.run(
      `insert or ignore into execution_step (execution, state, input_hash, attempt, output, error, cause)
       select ?, ?, ?, ?, ?, ?, ? where exists
         (select 1 from execution where name = ? and owner = ? and status = 'running')`,
      execution,
      state,
      inputHash,
      attempt,
      output,
      error,
      cause,
      execution,
      this.#owner,
    );
  }

  #append(name: string, { at, type, state, detail }: ExecutionEvent): void {
    this.#database.run(
      `insert into execution_event (execution, position, at, type, state, detail) values
       (?, (select coalesce(max(position), 0) + 1 from execution_event where execution = ?), ?, ?, ?, ?)`,
      name,
      name,
      at,
      type,
      state ?? null,
      detail === undefined ? null : JSON.stringify(detail),
    );
  }
}

function executionOf(row: Row): Execution {
  const present = (name: string): string | undefined => (row[name] === null ? undefined : String(row[name]));
  const output = present("output");
  return {
    name: String(row["name"]),
    status: row["status"] as ExecutionStatus,
    input: JSON.parse(String(row["input"])) as Json,
    output: output === undefined ? undefined : (JSON.parse(output) as Json),
    error: present("error"),
    cause: present("cause"),
    startedAt: String(row["started_at"]),
    endedAt: present("ended_at"),
  };
}

function eventOf(row: Row): ExecutionEvent {
  return {
    at: String(row["at"]),
    type: String(row["type"]),
    ...(row["state"] === null ? {} : { state: String(row["state"]) }),
    ...(row["detail"] === null ? {} : { detail: JSON.parse(String(row["detail"])) as Json }),
  };
}
