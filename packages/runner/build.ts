/**
 * Makes the files of the runner image: `npm run build --workspace=@benchgen/runner`, from packages/runner/Dockerfile.
 * The stages become one file that needs nothing but Node; beside it lies what stage-in gives to programs' containers.
 */
import { execFile } from "node:child_process";
import { chmod, copyFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

/** Where the image's Node finds the stages, below the directory they are built into. */
export const entryFile = "main.mjs";

/**
 * @param directory made when it is not there; files in it are replaced
 * @throws Error when a source cannot be bundled, or there is no C compiler
 */
export async function buildRunner(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  // Not all of our containers are root.
  await chmod(directory, 0o755);
  await build({
    entryPoints: [source("main.ts")],
    outfile: join(directory, entryFile),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // Dependencies that are CommonJS ask for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
    legalComments: "linked",
    logLevel: "warning",
  });
  await copyFile(source("program.sh"), join(directory, "program.sh"));
  await compileConfine(join(directory, "confine"));
}

/**
 * Compiles the helper that takes the network away, for the machine this runs on.
 * @param compiler a C compiler that knows GCC's options
 */
export async function compileConfine(path: string, compiler = "cc"): Promise<void> {
  const freestanding = [
    "-static",
    "-nostdlib",
    "-ffreestanding",
    "-fno-pie",
    "-no-pie",
    "-fno-stack-protector",
  ];
  const options = ["-std=gnu11", "-Os", "-Wall", "-Wextra", ...freestanding, "-s"];
  const files = ["confine", "filter", "supervise", "connect", "leave"].map((name) =>
    source(`confine/${name}.c`),
  );
  await promisify(execFile)(compiler, [...options, "-o", path, ...files]);
}

function source(name: string): string {
  return fileURLToPath(new URL(`src/${name}`, import.meta.url));
}

if (import.meta.main) {
  const [directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error("Say where to: node packages/runner/build.ts DIRECTORY");
  await buildRunner(resolve(directory));
}
