/** Which addresses a model's endpoint may have. Pure. */
import { BlockList, isIP } from "node:net";

// Source: the special-purpose address registries of IANA (RFC 6890 and later). What is not globally reachable is a way
// into somebody's network: private and shared space, link-local (the cloud's metadata among it), multicast. Of IPv6 all
// is refused that is no global unicast (RFC 4291), the mapped addresses among it. Addresses that carry an IPv4 address
// inside (6to4, Teredo; NAT64 by its own prefix) are refused as a whole: no public name needs them.
const refused: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Where Azure's machines find their host. Public by its number alone.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

const blocked = listOf(refused);
const globalUnicast = listOf([["2000::", 3]]);
const loopback = listOf([
  ["127.0.0.0", 8],
  ["::1", 128],
]);

function listOf(networks: readonly [string, number][]): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, familyOf(network));
  return list;
}

/** Whether an address is this machine's own. An IPv4 address in IPv6's clothes is not taken for one. */
export function isLoopback(address: string): boolean {
  return isPlain(address) && !isMapped(address) && loopback.check(address, familyOf(address));
}

/** Whether an address may be reached by anybody on the internet. */
export function isPublic(address: string): boolean {
  if (!isPlain(address) || blocked.check(address, familyOf(address))) return false;
  return familyOf(address) === "ipv4" || globalUnicast.check(address, "ipv6");
}

/** An address, and no more: a zone would choose the network it is looked for in. */
function isPlain(address: string): boolean {
  return isIP(address) !== 0 && !address.includes("%");
}

/** An IPv4 address written as IPv6, however it is spelt. A list knows it by both of its names. */
function isMapped(address: string): boolean {
  return familyOf(address) === "ipv6" && mapped.check(address, "ipv6");
}

const mapped = listOf([["::ffff:0:0", 96]]);

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
