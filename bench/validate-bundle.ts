/**
 * How long it takes to validate a bundle, beside `unzip -t` and Python's zipfile, which only test the archive, in the
 * same run: 1 GB stored, 1 GB deflated, 10,000 small members. Prints ratios and peak memory, and cleans up.
 *
 * usage: node bench/validate-bundle.ts   (needs zip, unzip and python3; about 2.5 GB of temporary space; 2 minutes)
 */
import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipTree } from "@benchgen/core/bundle/tree.ts";
import { readBundle } from "@benchgen/core/bundle/read.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { fileSource } from "@benchgen/local/bundle-source.ts";

const rounds = 3;
const mib = 1024 * 1024;

const document = `version: 2
title: Benchmark
phases: [{name: Only, tasks: [0]}]
tasks: [{index: 0, name: Task, scoring_program: scoring, reference_data: reference, input_data: input}]
leaderboard: [{title: Results, key: main, columns: [{title: Accuracy, key: accuracy, index: 0}]}]
`;

interface Bundle {
  readonly name: string;
  readonly files: number;
  readonly fileBytes: number;
  readonly zipOptions: readonly string[];
}

const bundles: readonly Bundle[] = [
  { name: "1 GB stored", files: 16, fileBytes: 64 * mib, zipOptions: ["-0"] },
  { name: "1 GB deflated", files: 16, fileBytes: 64 * mib, zipOptions: ["-6"] },
  { name: "10,000 members", files: 10_000, fileBytes: 2000, zipOptions: ["-6"] },
];

/** Rows of digits: they deflate to about half, as tables do. */
function rows(bytes: number, seed: number): Buffer {
  const content = Buffer.alloc(bytes);
  let state = seed * 2 + 1;
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    content[at] = at % 60 === 59 ? 10 : at % 10 === 9 ? 44 : 48 + ((state >>> 24) % 10);
  }
  return content;
}

async function make(directory: string, bundle: Bundle): Promise<string> {
  const root = join(directory, "content");
  for (const folder of ["scoring", "reference", "input"]) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, "competition.yaml"), document);
  writeFileSync(join(root, "scoring", "metadata.yaml"), "command: python3 score.py\n");
  writeFileSync(join(root, "scoring", "score.py"), 'print("accuracy")\n');
  writeFileSync(join(root, "reference", "labels.csv"), "1,2,3,4,5,6,7,8\n");
  for (let file = 0; file < bundle.files; file++) {
    const stream = createWriteStream(join(root, "input", `part-${file}.csv`));
    stream.end(rows(bundle.fileBytes, file));
    await once(stream, "close");
  }
  const zip = join(directory, "bundle.zip");
  execFileSync("zip", ["-qr", ...bundle.zipOptions, zip, "."], { cwd: root });
  rmSync(root, { recursive: true });
  return zip;
}

interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

/** Wall clock of a command, start-up included, and the most memory it held at any time. */
async function measure(command: readonly string[]): Promise<Measured> {
  const start = performance.now();
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
  let peakKb = 0;
  const sample = setInterval(() => {
    try {
      const high = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"));
      peakKb = Math.max(peakKb, Number(high?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  }, 5);
  const [code] = (await once(child, "exit")) as [number | null];
  clearInterval(sample);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}`);
  return { seconds: (performance.now() - start) / 1000, peakMb: peakKb / 1024 };
}

async function median(command: readonly string[]): Promise<Measured> {
  const all: Measured[] = [];
  for (let round = 0; round < rounds; round++) all.push(await measure(command));
  const times = all.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return { seconds: times[(rounds - 1) / 2]!, peakMb: Math.max(...all.map(({ peakMb }) => peakMb)) };
}

async function compare(): Promise<void> {
  console.log("| bundle | program | seconds | speed against `unzip -t` | peak memory |");
  console.log("|---|---|---:|---:|---:|");
  for (const bundle of bundles) {
    const directory = mkdtempSync(join(tmpdir(), "benchgen-bench-"));
    try {
      const zip = await make(directory, bundle);
      const python = "import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)";
      // A version manager's shim would be measured as well.
      const interpreter = execFileSync("python3", ["-c", "import sys; print(sys.executable)"], {
        encoding: "utf8",
      });
      const programs: [string, string[]][] = [
        ["`unzip -t`", ["unzip", "-tqq", zip]],
        ["Python zipfile", [interpreter.trim(), "-c", python, zip]],
        ["benchgen", [process.execPath, import.meta.filename, zip]],
      ];
      // The first reading fills the page cache for all of them.
      await measure(programs[0]![1]);
      let unzip = 0;
      for (const [name, command] of programs) {
        const { seconds, peakMb } = await median(command);
        unzip ||= seconds;
        const ratio = `${(unzip / seconds).toFixed(1)}×`;
        console.log(
          `| ${bundle.name} | ${name} | ${seconds.toFixed(2)} | ${ratio} | ${peakMb.toFixed(0)} MB |`,
        );
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

async function validate(path: string): Promise<void> {
  const report = await readBundle(zipTree(await openZip(await fileSource(path)), path));
  if (report.manifest === undefined) throw new Error(JSON.stringify(report.findings));
}

const path = process.argv[2];
await (path === undefined ? compare() : validate(path));
