/** Where our containers may send a request: the API, and the URLs it signed. Pure. */
import { isIP } from "node:net";
import { BenchgenError } from "@benchgen/core/error.ts";

/**
 * The API's own URL: https, or http on this machine's loopback, so that the job's token is never sent in the clear.
 * @throws BenchgenError `api_url_refused`
 */
export function requireApiUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || hasPassword(url)) {
    throw new BenchgenError("api_url_refused", "The API's URL is no plain https URL.");
  }
  if (url.protocol === "http:" && !isLoopback(url.hostname)) {
    throw new BenchgenError("api_url_refused", `The API at ${url.host} is not reached over https.`);
  }
  return url;
}

/**
 * A URL that the API says it signed. It is on the API's own host; or, like a store's, on a public name over https. An
 * address, a machine's own name, or another port would be a way into the network the task runs in, and to the
 * platform's metadata. Redirects, which could lead there from a public name, are refused as well.
 * @throws BenchgenError `url_refused`
 */
export function requireSignedUrl(text: string, api: URL): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && !hasPassword(url) && (isOnApiHost(url, api) || isOnPublicName(url))) return url;
  // Not the whole: its query is a signature.
  const where = url === undefined ? "what is no URL" : `${url.protocol}//${url.host}`;
  throw new BenchgenError("url_refused", `The API named ${where}, where no store of its own can be.`);
}

function isOnApiHost(url: URL, api: URL): boolean {
  if (!/^https?:$/.test(url.protocol)) return false;
  // On one machine the server signs URLs by the name that others know it by: any.
  if (isLoopback(api.hostname)) return true;
  return url.protocol === api.protocol && url.host === api.host;
}

function isOnPublicName({ protocol, hostname, port }: URL): boolean {
  if (protocol !== "https:" || port !== "" || isIP(hostname.replace(/^\[|\]$/g, "")) !== 0) return false;
  return /\.[a-z][a-z0-9-]*\.?$/.test(hostname) && !/\.(local|localhost|internal|lan)\.?$/.test(hostname);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

function hasPassword({ username, password }: URL): boolean {
  return username !== "" || password !== "";
}
