import { type Principal, isAuthorOf } from "../access/principal.ts";
import { Conflict, NotFound } from "../error.ts";
import type { Page, Ports } from "../ports.ts";
import { partition } from "../record/key.ts";
import type { EnvironmentVersion } from "../wire/api.ts";
import { requireAuthor } from "./catalogue.ts";
import { publishVersion } from "./publish.ts";
import {
  type EnvironmentRecord,
  type VersionRecord,
  loadDocument,
  loadVersion,
  versionRecordSchema,
} from "./record.ts";
import { resolveEnvironment } from "./reference.ts";
import { viewVersion } from "./view.ts";

/** Newest first. Participants see published versions only. */
export async function listVersions(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  reference: string,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<EnvironmentVersion>> {
  const { environment } = await resolveEnvironment(ports, principal, reference);
  const found = await ports.table.query({
    ...partition.versions(environment.id),
    reverse: true,
    limit: page.limit,
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  });
  const seen = found.items
    .map((item) => versionRecordSchema.parse(item))
    .filter((version) => maySeeVersion(principal, environment, version));
  const items = await Promise.all(
    seen.map(async (version) => viewVersion(environment, version, await loadDocument(ports.blobs, version))),
  );
  return { ...found, items };
}

/**
 * One version: the number asked for, else the one the reference names, else the newest published, else (for its
 * authors) the newest.
 * @throws NotFound
 */
export async function getVersion(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  reference: string,
  number?: number,
): Promise<EnvironmentVersion> {
  const { environment, version } = await resolveVersion(ports, principal, reference, number);
  return viewVersion(environment, version, await loadDocument(ports.blobs, version));
}

/** As `getVersion`, the stored records. */
export async function resolveVersion(
  ports: Pick<Ports, "table">,
  principal: Principal,
  reference: string,
  number?: number,
): Promise<{ environment: EnvironmentRecord; version: VersionRecord }> {
  const { environment, number: named } = await resolveEnvironment(ports, principal, reference);
  const newest =
    environment.publishedVersion ?? (isAuthorOf(principal, environment) ? environment.latestVersion : null);
  const wanted = number ?? named ?? newest;
  if (wanted === null) {
    throw new NotFound("published version of", environment.name, "Its author has not published one yet.");
  }
  const version = await loadVersion(ports.table, environment.id, wanted);
  if (!maySeeVersion(principal, environment, version)) throw new NotFound("version", String(wanted));
  return { environment, version };
}

/**
 * Publishes a version whose solution failed, by its author's explicit choice, which is recorded and shown.
 * @throws Conflict `version_not_held` in any other status
 */
export async function forcePublish(
  ports: Pick<Ports, "table" | "blobs" | "bus" | "clock">,
  principal: Principal,
  reference: string,
  number: number,
): Promise<EnvironmentVersion> {
  const { environment, version } = await resolveVersion(ports, principal, reference, number);
  requireAuthor(principal, environment);
  const forced = { by: principal.name, at: ports.clock.now().toISOString() };
  const published =
    version.status === "held" && (await publishVersion(ports, environment, version, { forced }));
  if (!published) {
    throw new Conflict(
      "version_not_held",
      `Version ${number} of "${environment.name}" is ${version.status}; only one that is held back can be published despite its solution.`,
    );
  }
  return getVersion(ports, principal, environment.id, number);
}

function maySeeVersion(
  principal: Principal,
  environment: EnvironmentRecord,
  version: VersionRecord,
): boolean {
  return version.status === "published" || isAuthorOf(principal, environment);
}
