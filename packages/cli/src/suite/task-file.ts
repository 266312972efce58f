/** The files of an author's own task, taken into the bundle. */
import { cp, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CliError } from "../error.ts";

/** A task's directory is small; a home directory, or a checkout with its data, is not. */
const maxFiles = 2000;
const maxBytes = 1024 ** 3;

/** Never part of a task. */
const passedOver = /^(?:\..*|__pycache__|node_modules|venv|logs)$/;

/**
 * Copies the task into a directory: a file with all that is beside it, a directory under its own name; without hidden
 * files, caches and logs.
 * @throws CliError `task_missing` when there is no such path, `task_too_large` when there is more than a task
 */
export async function copyTaskFiles(source: string, target: string): Promise<void> {
  const stats = await stat(source).catch(() => {
    throw new CliError("task_missing", `There is no file or directory ${source}.`, {
      hint: `Name a task of your own by the path of its file, from ${process.cwd()}: --from inspect:./task.py@mine`,
    });
  });
  const directory = stats.isDirectory() ? source : dirname(source);
  const names = (await readdir(directory)).filter((name) => !passedOver.test(name));
  await requireSmall(directory, names);
  const into = stats.isDirectory() ? join(target, basename(source)) : target;
  for (const name of names) {
    await cp(join(directory, name), join(into, name), {
      recursive: true,
      // A bundle has no links.
      dereference: true,
      filter: (path) => !passedOver.test(basename(path)),
    });
  }
}

async function requireSmall(source: string, names: readonly string[]): Promise<void> {
  let files = 0;
  let bytes = 0;
  const queue = names.map((name) => join(source, name));
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const stats = await stat(path);
    if (stats.isDirectory()) {
      const inside = await readdir(path);
      for (const name of inside) if (!passedOver.test(name)) queue.push(join(path, name));
    } else {
      files += 1;
      bytes += stats.size;
    }
    if (files > maxFiles || bytes > maxBytes) {
      throw new CliError("task_too_large", `The directory ${source} holds more than a task.`, {
        hint: `All of it would go into the bundle: at most ${maxFiles} files and 1 GiB. Move the task to a directory of its own.`,
      });
    }
  }
}
