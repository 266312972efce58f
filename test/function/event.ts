/** What API Gateway sends functions, payload format 2.0, with fields nobody asked for as well. */

export interface HttpRequest {
  readonly method?: string;
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly base64?: boolean;
  /** The context of the authorizer's answer; absent on a route that has none. */
  readonly authorizer?: object;
}

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function httpEvent(request: HttpRequest): object {
  const { method = "GET", path, query = "", headers = {}, body, base64 = false, authorizer } = request;
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { host: "api.example", "content-type": "application/json", ...headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "api",
      ...(authorizer === undefined ? {} : { authorizer: { lambda: authorizer } }),
      domainName: "api.example",
      domainPrefix: "api",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "request",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2026:19:03:58 +0000",
      timeEpoch: 1_773_342_238_000,
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: base64,
  };
}

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html */
export function authorizerEvent(headers: Readonly<Record<string, string>>): object {
  return {
    ...httpEvent({ path: "/environments", headers }),
    type: "REQUEST",
    routeArn: "arn:aws:execute-api:us-east-1:123456789012:api/$default/GET/environments",
    identitySource: [],
  };
}
