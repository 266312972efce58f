/** What an endpoint is sent with each call. */
export function endpointHeaders(key: string | undefined): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "benchgen",
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
}
