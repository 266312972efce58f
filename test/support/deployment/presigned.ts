/** What S3 looks at before it takes a request with a signed URL: the stand-in takes them all. */
import { createHash, createHmac } from "node:crypto";
import type { AwsRequest } from "./call.ts";

export interface Refusal {
  readonly status: number;
  readonly code: string;
}

/**
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 * @param secret of whoever signed it
 * @param now milliseconds since the epoch
 * @returns undefined for a request that S3 takes, and for one that is not signed in its URL
 */
export function refusalOf(request: AwsRequest, secret: string, now: number): Refusal | undefined {
  const { pathname, searchParams: query } = new URL(request.path, "http://any");
  const signature = query.get("X-Amz-Signature");
  if (signature === null) return undefined;
  const date = query.get("X-Amz-Date") ?? "";
  const begins = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (now > begins + Number(query.get("X-Amz-Expires")) * 1000) return { status: 403, code: "AccessDenied" };
  const signed = signatureOf(request, { pathname, query, date, secret });
  if (signed !== signature) return { status: 403, code: "SignatureDoesNotMatch" };
  const checksum = request.headers["x-amz-checksum-sha256"];
  const actual = createHash("sha256").update(request.body).digest("base64");
  return checksum !== undefined && checksum !== actual ? { status: 400, code: "BadDigest" } : undefined;
}

function signatureOf(
  { method, headers }: AwsRequest,
  given: { pathname: string; query: URLSearchParams; date: string; secret: string },
): string {
  const { pathname, query, date, secret } = given;
  const [, ...scope] = (query.get("X-Amz-Credential") ?? "").split("/");
  const names = (query.get("X-Amz-SignedHeaders") ?? "").split(";");
  const parameters = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const canonical = [
    method,
    pathname,
    parameters.sort().join("&"),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim()}`),
    "",
    names.join(";"),
    query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
  ].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", date, scope.join("/"), hash].join("\n");
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of scope) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}

/** As signatures want it: RFC 3986. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
