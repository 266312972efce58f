import { describe, expect, it } from "vitest";
import { isLoopback, isPublic } from "./address.ts";

describe("isPublic", () => {
  it.each([
    ["the cloud's metadata", "169.254.169.254"],
    ["the same over IPv6", "fd00:ec2::254"],
    ["a private network", "10.0.0.1"],
    ["another", "172.31.255.255"],
    ["a third", "192.168.1.1"],
    ["a provider's shared space", "100.64.0.1"],
    ["this machine", "127.0.0.1"],
    ["any address", "0.0.0.0"],
    ["multicast", "224.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 loopback", "::1"],
    ["IPv6 link-local", "fe80::1"],
    ["IPv6 unique local", "fc00::1"],
    ["IPv6 multicast", "ff02::1"],
    ["mapped loopback", "::ffff:127.0.0.1"],
    ["mapped, in hexadecimal", "::ffff:a9fe:a9fe"],
    ["mapped public", "::ffff:8.8.8.8"],
    ["NAT64 of a private address", "64:ff9b::a00:1"],
    ["6to4 of a private address", "2002:a00:1::"],
    ["Teredo", "2001:0:a00:1::"],
    ["a compatible loopback", "::127.0.0.1"],
    ["no address of IPv6", "::"],
    ["NAT64 of this machine", "64:ff9b::7f00:1"],
    ["NAT64 of a network's own", "64:ff9b:1::a00:1"],
    ["a translated address", "::ffff:0:10.0.0.1"],
    ["site-local of old", "fec0::1"],
    ["a discard prefix", "100::1"],
    ["a dummy prefix", "100:0:0:1::1"],
    ["documentation", "2001:db8::1"],
    ["documentation of late", "3fff::1"],
    ["segment routing", "5f00::1"],
    ["what is not given to anybody", "4000::1"],
    ["ORCHID", "2001:20::1"],
    ["benchmarking", "198.18.0.1"],
    ["an address of IETF's protocols", "192.0.0.192"],
    ["Alibaba's metadata", "100.100.100.200"],
    ["Azure's host", "168.63.129.16"],
    ["the metadata of Google over IPv6", "fd20:ce::254"],
    ["a link-local with its zone", "fe80::1%eth0"],
    ["a public one with a zone", "2606:4700::1111%eth0"],
    ["a name", "localhost"],
    ["a number", "2130706433"],
    ["nothing", ""],
  ])("refuses %s, %s", (_name, address) => {
    expect(isPublic(address)).toBe(false);
  });

  it.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])(
    "accepts %s",
    (address) => {
      expect(isPublic(address)).toBe(true);
    },
  );
});

describe("isLoopback", () => {
  it("knows both families, and no mapped address", () => {
    expect(["127.0.0.1", "127.8.8.8", "::1"].map(isLoopback)).toEqual([true, true, true]);
    const others = ["8.8.8.8", "::", "::ffff:127.0.0.1", "::1%lo", "0.0.0.0", "localhost", ""];
    expect(others.filter(isLoopback)).toEqual([]);
  });
});
