/** Which addresses a model's endpoint may have. Pure. */
import { BlockList, isIPv6 } from "node:net";

// Source: the special-purpose address registries of IANA (RFC 6890 and later). What is not globally reachable is a way
// into somebody's network: private and shared space, link-local (the cloud's metadata among it), multicast. Addresses
// that carry an IPv4 address inside (6to4, Teredo, NAT64, and below the mapped ones) are refused as a whole: no public
// name needs them.
const refused: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
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
  ["::", 96],
  ["64:ff9b::", 32],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 9],
  ["ff00::", 8],
];

const blocked = new BlockList();
for (const [network, bits] of refused)
  blocked.addSubnet(network, bits, network.includes(":") ? "ipv6" : "ipv4");

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether an address is this machine's own. An IPv4 address in IPv6's clothes is not taken for one. */
export function isLoopback(address: string): boolean {
  return !isMapped(address) && loopback.check(address, familyOf(address));
}

/** Whether an address may be reached by anybody on the internet. */
export function isPublic(address: string): boolean {
  return !isMapped(address) && !blocked.check(address, familyOf(address));
}

/** An IPv4 address written as IPv6, however it is spelt. */
function isMapped(address: string): boolean {
  return isIPv6(address) && mapped.check(address, "ipv6");
}

const mapped = new BlockList();
mapped.addSubnet("::ffff:0:0", 96, "ipv6");

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
