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
    expect(["8.8.8.8", "::", "::ffff:127.0.0.1"].map(isLoopback)).toEqual([false, false, false]);
  });
});
