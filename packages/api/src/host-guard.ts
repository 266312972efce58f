/**
 * For a server on loopback that asks for no token: being on this machine is what lets a caller in, so a web page that
 * a browser on this machine has open must be kept out. Two ways in exist: a name that a stranger's DNS points at
 * 127.0.0.1 (DNS rebinding: the Host header gives it away), and a form or fetch sent across sites (Origin and
 * Sec-Fetch-Site give it away). Programs that are no browser send neither Origin nor Sec-Fetch-Site.
 */
import { Forbidden } from "@benchgen/core/error.ts";

/** @returns a check that throws Forbidden `host_refused` or `cross_site_refused` */
export function hostGuard(): (request: Request) => void {
  return (request) => {
    const host = request.headers.get("host") ?? new URL(request.url).host;
    if (!isLoopbackHost(host)) {
      throw new Forbidden("host_refused", `This server answers on loopback only, not as "${host}".`, {
        hint: "Use the address it printed when it started, such as http://127.0.0.1:PORT",
      });
    }
    const origin = request.headers.get("origin");
    const site = request.headers.get("sec-fetch-site");
    if ((origin !== null && !isSameHost(origin, host)) || !(site === null || sameSites.has(site))) {
      throw new Forbidden("cross_site_refused", "Requests from other web pages are refused.", {
        hint: "Call the API from a program, or serve it with tokens.",
      });
    }
  };
}

/** `none` is a person who typed the address. Another port of this machine is `same-site`, and another program. */
const sameSites = new Set(["same-origin", "none"]);

/** Whether a Host header names this machine by its loopback interface, with or without a port. */
export function isLoopbackHost(host: string): boolean {
  if (!/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  );
}

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${host}`).host;
}
