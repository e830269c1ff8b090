import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { EmbeddedFile, EmbeddedFiles } from 'muster:dashboard-files';

const pageName = 'index.html';

/** Allowed sources; and text can never become a script, because these pages show what agents and producers write. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000',
  'x-content-type-options': 'nosniff',
};

type Request = Pick<APIGatewayProxyEventV2, 'headers' | 'pathParameters'>;
type Answer = APIGatewayProxyStructuredResultV2;

/** Serves the page for `GET /`, revalidated each time, and an immutable file for `GET /assets/{file}`. */
export function serveFiles(files: EmbeddedFiles): (request: Request) => Promise<Answer> {
  const etags = new Map(Object.entries(files).map(([name, { gzipped }]) => [name, etagOf(gzipped)]));
  return ({ headers, pathParameters }) => {
    const asked = pathParameters?.['file'];
    const name = asked ?? pageName;
    const file = Object.hasOwn(files, name) && asked !== pageName ? files[name] : undefined;
    if (!file) return Promise.resolve(notFound);
    const etag = etags.get(name) ?? '';
    const caching = {
      'cache-control': asked === undefined ? 'no-cache' : 'public, max-age=31536000, immutable',
      etag,
      vary: 'accept-encoding',
    };
    if (asked === undefined && headers['if-none-match'] === etag) {
      return Promise.resolve({ statusCode: 304, headers: { ...securityHeaders, ...caching } });
    }
    return Promise.resolve(contentsOf(file, caching, headers['accept-encoding']));
  };
}

function contentsOf({ type, gzipped }: EmbeddedFile, caching: Record<string, string>, accepted = ''): Answer {
  const headers = { ...securityHeaders, ...caching, 'content-type': type };
  if (/\bgzip\b/.test(accepted)) {
    return {
      statusCode: 200,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: gzipped,
      isBase64Encoded: true,
    };
  }
  return { statusCode: 200, headers, body: gunzipSync(Buffer.from(gzipped, 'base64')).toString() };
}

const notFound: Answer = {
  statusCode: 404,
  headers: { ...securityHeaders, 'cache-control': 'no-store', 'content-type': 'text/plain; charset=utf-8' },
  body: 'No such file. Reload the page: a newer version may have been deployed.',
};

const etagOf = (gzipped: string) => `"${createHash('sha256').update(gzipped).digest('base64url').slice(0, 22)}"`;
