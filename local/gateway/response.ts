export interface GatewayResponse {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

/** The gateway's own responses. */
export const refusals = {
  badRequest: refusal(400, 'Bad Request'),
  unauthorized: refusal(401, 'Unauthorized'),
  forbidden: refusal(403, 'Forbidden'),
  notFound: refusal(404, 'Not Found'),
  tooLarge: refusal(413, 'Request Entity Too Large'),
  throttled: refusal(429, 'Too Many Requests'),
  internal: refusal(500, 'Internal Server Error'),
  unavailable: refusal(503, 'Service Unavailable'),
};

function refusal(status: number, message: string): GatewayResponse {
  return json(status, JSON.stringify({ message }));
}

function json(status: number, body: string): GatewayResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

/**
 * Reads a function's result by payload format 2.0: without a `statusCode` it is the body of a 200; with one it
 * specifies the whole response. A malformed result becomes a 500, as on API Gateway.
 * @param result JSON text
 */
export function responseOf(result: string): GatewayResponse {
  const value: unknown = JSON.parse(result);
  if (!isObject(value) || value['statusCode'] === undefined) return json(200, result);
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = value;
  const status = Number(statusCode);
  const wellFormed =
    Number.isInteger(status) &&
    status >= 100 &&
    status <= 599 &&
    isObject(headers) &&
    Array.isArray(cookies) &&
    isScalar(body);
  if (!wellFormed) return refusals.internal;
  const named = Object.entries(headers).map(([name, header]) => [name.toLowerCase(), String(header)]);
  return {
    status,
    headers: {
      'content-type': 'text/plain;charset=UTF-8',
      ...(Object.fromEntries(named) as Record<string, string>),
      ...(cookies.length === 0 ? {} : { 'set-cookie': cookies.map(String) }),
    },
    body: Buffer.from(String(body), isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isScalar = (value: unknown): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);
