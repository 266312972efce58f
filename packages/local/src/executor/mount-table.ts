/**
 * Whether the mount that holds the path forbids running programs, by the text of `/proc/self/mountinfo`: fields 5 and 6
 * are the mount point and its options (man 5 proc).
 */
export function isNoExec(mountinfo: string, path: string): boolean {
  let best = { length: -1, options: "" };
  for (const line of mountinfo.split("\n")) {
    const [, , , , point, options] = line.split(" ");
    if (point === undefined || options === undefined) continue;
    const mount = point.replace(/\\(\d{3})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const holds = path === mount || path.startsWith(mount === "/" ? "/" : `${mount}/`);
    // Of two on one point, the later covers the earlier.
    if (holds && mount.length >= best.length) best = { length: mount.length, options };
  }
  return best.options.split(",").includes("noexec");
}
