import type { AwsRequest, Permission } from "./call.ts";

/** Which operation a request to S3 is, in path style, and the permissions it needs. */
export function s3Operation({ method, path, headers }: AwsRequest): {
  operation: string;
  permissions: Permission[];
} {
  const { pathname, searchParams: query } = new URL(path, "http://any");
  const [, bucket = "", ...rest] = pathname.split("/").map(decodeURIComponent);
  const key = rest.join("/");
  const object = `arn:aws:s3:::${bucket}/${key}`;
  const on = (operation: string, action: string): { operation: string; permissions: Permission[] } => ({
    operation,
    permissions: [{ action: `s3:${action}`, resource: object }],
  });
  if (key === "") {
    if (method !== "GET" || query.get("list-type") !== "2") throw unknown(method, path);
    const context = { "s3:prefix": query.get("prefix") ?? "" };
    const permission = { action: "s3:ListBucket", resource: `arn:aws:s3:::${bucket}`, context };
    return { operation: "ListObjectsV2", permissions: [permission] };
  }
  const source = headers["x-amz-copy-source"];
  const readsSource: Permission[] =
    source === undefined
      ? []
      : [
          {
            action: "s3:GetObject",
            resource: `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, "")}`,
          },
        ];
  switch (method) {
    case "GET":
      return query.has("uploadId")
        ? on("ListParts", "ListMultipartUploadParts")
        : on("GetObject", "GetObject");
    case "HEAD":
      return on("HeadObject", "GetObject");
    case "PUT": {
      const whole = source === undefined ? "PutObject" : "CopyObject";
      const part = source === undefined ? "UploadPart" : "UploadPartCopy";
      const put = on(query.has("partNumber") ? part : whole, "PutObject");
      return { ...put, permissions: [...put.permissions, ...readsSource] };
    }
    case "POST":
      return on(query.has("uploads") ? "CreateMultipartUpload" : "CompleteMultipartUpload", "PutObject");
    case "DELETE":
      return query.has("uploadId")
        ? on("AbortMultipartUpload", "AbortMultipartUpload")
        : on("DeleteObject", "DeleteObject");
    default:
      throw unknown(method, path);
  }
}

/**
 * What S3 asks for besides, once it is known that the object is not there: whoever may not list a bucket is told 403,
 * not 404, and our adapters take only a 404 for "there is none".
 * Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export function missingObjectPermission(permissions: readonly Permission[]): Permission[] {
  return permissions
    .filter(({ action }) => action === "s3:GetObject")
    .map(({ resource }) => {
      const [, bucket = "", prefix = ""] = /^(arn:aws:s3:::[^/]+)\/(.*)$/.exec(resource) ?? [];
      return { action: "s3:ListBucket", resource: bucket, context: { "s3:prefix": prefix } };
    });
}

function unknown(method: string, path: string): Error {
  return new Error(`nobody has said what this request to S3 needs: ${method} ${path}`);
}
