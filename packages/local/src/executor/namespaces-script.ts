/** The `namespaces` executor's script: what bubblewrap does, with nothing but util-linux. Pure text. */
import { dirname } from "node:path";
import { programDirectory } from "@benchgen/core/job/layout.ts";
import { quoted } from "@benchgen/runner/launch-script.ts";
import {
  type SandboxCommand,
  limited,
  programEnvironment,
  sharedMemoryMb,
  statusFd,
} from "./sandbox-command.ts";
import { type SandboxView, innerUser } from "./view.ts";

/** Exit code of a script that refused to touch any mount. */
export const refusalCode = 97;
/** Exit code of a script that could not build the sandbox. The program was not started. */
const setupFailureCode = 98;

/**
 * Proves that mounting here cannot touch anybody else's file system, and refuses otherwise. Such a script run by mistake
 * outside a fresh mount namespace, as root, would replace the whole machine's root. `$1` is the mount namespace of the
 * process that started us, as `readlink /proc/self/ns/mnt` shows it there.
 */
const proof = `
refuse() { echo "benchgen: refusing to mount: $1" >&2; exit ${refusalCode}; }
outer=\${1-} own=$(readlink /proc/self/ns/mnt) || refuse "/proc does not show this mount namespace"
case $outer in mnt:*) ;; *) refuse "the starting process did not say which mount namespace is its own" ;; esac
[ "$own" != "$outer" ] || refuse "this is the mount namespace of the process that started it"
read -r first _ length </proc/self/uid_map || refuse "this user namespace has no users"
[ "$length" != 4294967295 ] || refuse "this is not a user namespace of its own"
# Another's namespace can only be read by its equals; that pid 1 cannot be read shows that it is not ours.
if init=$(readlink /proc/1/ns/mnt 2>/dev/null); then
  [ "$init" != "$own" ] || refuse "this is the mount namespace of process 1"
fi`;

const fail = `
fail() { echo "benchgen: the sandbox could not be built: $1" >&2; exit ${setupFailureCode}; }`;

const devices = ["null", "zero", "full", "random", "urandom"];

/** One mount of the new root. */
interface Mount {
  readonly source: string;
  readonly path: string;
  /** As in fstab. */
  readonly type: string;
  readonly options: string;
}

/**
 * The whole script, for a shell's standard input: a program can read its pid 1's command line, which is to say nothing
 * about this machine. Run it as
 * `unshare --user --map-root-user --mount --pid --fork … sh -s MOUNT-NAMESPACE-OF-THE-CALLER`.
 * @param scratch an existing directory of the job, to build the new root on
 * @param noExec whether the mount that holds a path forbids running programs: who was not allowed to run them may not
 *   lift that, and a mount that tries is refused
 */
export function namespacesScript(
  command: SandboxCommand,
  scratch: string,
  noExec: (path: string) => boolean,
): string {
  const { view } = command;
  const bind = (access: "ro" | "rw") => (mount: { source: string; path: string }) => ({
    ...mount,
    type: "none",
    options: `rbind,${access},nosuid,nodev${noExec(mount.source) ? ",noexec" : ""}`,
  });
  const own = "nosuid,nodev";
  const mounts: Mount[] = [
    ...view.readOnly.map(bind("ro")),
    ...devices.map((name) => ({
      source: `/dev/${name}`,
      path: `/dev/${name}`,
      type: "none",
      options: "bind",
    })),
    {
      source: "shm",
      path: "/dev/shm",
      type: "tmpfs",
      options: `size=${sharedMemoryMb(command.limits)}m,mode=1777,${own}`,
    },
    { source: "proc", path: "/proc", type: "proc", options: `${own},noexec` },
    ...view.writable.map(bind("rw")),
  ];
  return [
    "set -u",
    "export PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    proof,
    fail,
    `scratch=${quoted(scratch)}`,
    `mount -t tmpfs -o size=4m,mode=755,${own} root "$scratch" || fail "no tmpfs"`,
    'cd "$scratch" || fail "no root"',
    ...mountPoints(view),
    ...view.links.map(({ path, target }) => `ln -s ${quoted(target)} ${relative(path)}`),
    "ln -s /proc/self/fd dev/fd && ln -s fd/0 dev/stdin && ln -s fd/1 dev/stdout && ln -s fd/2 dev/stderr",
    // All in one process: one each would take most of the time it takes to start a program.
    `printf %s ${quoted(table(mounts, scratch))} >table`,
    'mount --all --fstab "$scratch/table" && rm table || fail "something cannot be mounted"',
    'pivot_root . old && cd / && umount -l old && rmdir old || fail "the root cannot be changed"',
    `mount -o remount,bind,ro,${own} / || fail "the root cannot be made read-only"`,
    "hostname benchgen 2>/dev/null",
    // A program that calls a model does so over its loopback.
    ...(command.network === "gateway"
      ? [
          'ip link set lo up || fail "the gateway needs a loopback, and `ip` (of iproute2) is not here to start it"',
        ]
      : []),
    // Without an `ip` to do it the loopback stays down; only programs that talk to themselves over it mind.
    ...(command.network !== "none" ? [] : ["ip link set lo up 2>/dev/null"]),
    // Exactly one more, the one that makes the program an ordinary user: it cannot make any itself.
    'echo 1 >/proc/sys/user/max_user_namespaces || fail "user namespaces cannot be limited"',
    `cd ${programDirectory} || fail "there is no program"`,
    `env -i ${program(command).map(quoted).join(" ")} </dev/null ${statusFd}>&- &`,
    'wait "$!"',
    // As bubblewrap says it. Without it, whoever started us knows that the program never ran. Leaving ends every process.
    `echo "{ \\"exit-code\\": $? }" >&${statusFd}`,
    "",
  ].join("\n");
}

/** The mounts as a file for `mount --all`, which makes them in order. */
function table(mounts: readonly Mount[], scratch: string): string {
  return mounts
    .map(
      ({ source, path, type, options }) =>
        `${escaped(source)} ${escaped(scratch + path)} ${type} ${options} 0 0\n`,
    )
    .join("");
}

/** Makes the directories and empty files that are mounted on, and those that hold links. */
function mountPoints(view: SandboxView): string[] {
  const directories = new Set(["/old", "/proc", "/dev/shm", ...view.links.map(({ path }) => dirname(path))]);
  const files: string[] = devices.map((name) => `/dev/${name}`);
  for (const { path, kind } of view.readOnly) {
    directories.add(kind === "directory" ? path : dirname(path));
    if (kind === "file") files.push(path);
  }
  // Those inside a mount are there already: stage-in and the small `/etc` see to that.
  const inside = (path: string) => ["/etc/", "/app/"].some((mount) => path.startsWith(mount));
  for (const { path } of view.writable) directories.add(path);
  const made = [...directories].filter((path) => path !== "/" && !inside(path));
  return [
    `mkdir -p ${made.map(relative).join(" ")} || fail "no room"`,
    ...files.filter((path) => !inside(path)).map((path) => `: >${relative(path)}`),
  ];
}

function program(command: SandboxCommand): string[] {
  return [
    ...Object.entries(programEnvironment(command)).map(([name, value]) => `${name}=${value}`),
    "unshare",
    "--user",
    `--map-user=${innerUser.uid}`,
    `--map-group=${innerUser.gid}`,
    "--keep-caps",
    "setpriv",
    "--no-new-privs",
    "--inh-caps=-all",
    "--ambient-caps=-all",
    "--bounding-set=-all",
    ...limited(command),
  ];
}

/** A path of the new root, from its mount point. */
function relative(path: string): string {
  return quoted(path.slice(1));
}

/** A path as fstab and /proc/self/mountinfo write it. */
function escaped(path: string): string {
  return path.replace(
    /[ \t\n\\#]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
