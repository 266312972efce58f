import { describe, expect, test } from "vitest";
import { requireApiUrl, requireSignedUrl } from "./signed-url.ts";

const api = new URL("https://abc123.execute-api.eu-central-1.amazonaws.com");

test.each([
  "https://bucket.s3.eu-central-1.amazonaws.com/blobs/1?X-Amz-Signature=2",
  "https://storage.example.org/x",
  "https://abc123.execute-api.eu-central-1.amazonaws.com/x",
])("a URL of a store is used: %s", (url) => {
  expect(requireSignedUrl(url, api).href).toBe(url);
});

test.each([
  "http://bucket.s3.eu-central-1.amazonaws.com/x",
  "http://169.254.170.2/v4/id",
  "https://169.254.169.254/latest/meta-data",
  "https://2852039166/",
  "https://[fd00:ec2::254]/",
  "https://[::ffff:a9fe:a9fe]/",
  "https://10.0.0.1/",
  "https://localhost/",
  "https://intranet/",
  "https://ip-10-0-0-1.ec2.internal/",
  "https://printer.local./",
  "https://storage.example.org:8443/",
  "https://name:secret@storage.example.org/",
  "ftp://storage.example.org/",
  "file:///etc/passwd",
  "not a URL",
])("where no store can be, nothing is fetched: %s", (url) => {
  expect(() => requireSignedUrl(url, api)).toThrow(expect.objectContaining({ code: "url_refused" }));
});

test("what is refused is told without its signature", () => {
  expect(() => requireSignedUrl("http://10.0.0.1/x?signature=secret", api)).toThrow(
    "The API named http://10.0.0.1, where no store of its own can be.",
  );
});

test.each(["http://127.0.0.1:9/x", "http://192.168.0.7:7331/x", "https://lab.example.org:8443/x"])(
  "the server of one machine signs by the name it is known by: %s",
  (url) => {
    expect(requireSignedUrl(url, new URL("http://127.0.0.1:7331")).href).toBe(url);
  },
);

describe("the API's own URL", () => {
  test.each(["https://api.example.org", "http://127.0.0.1:7331", "http://[::1]:7331", "http://localhost:1"])(
    "may be %s",
    (url) => {
      expect(requireApiUrl(url).origin).toBe(url);
    },
  );
  test.each(["http://api.example.org", "ftp://api.example.org", "https://a:b@api.example.org", "api"])(
    "may not be %s",
    (url) => {
      expect(() => requireApiUrl(url)).toThrow(expect.objectContaining({ code: "api_url_refused" }));
    },
  );
});
