import { limits } from '#shared/contract/limits.ts';
import { changedByParsing } from '#shared/contract/json-text.ts';
import { invalidInput, Refusal } from '#shared/contract/problem.ts';
import { decodedUtf8 } from '#shared/contract/utf8.ts';
import type { HttpRequest } from './http-request.ts';

const jsonType = /^\s*application\/([\w.+-]+\+)?json\s*(;|$)/i;

/**
 * The JSON value in the body; an empty object if there is none. Not middy's parser: it recurses, so that a deeply
 * nested body overflows the stack, and it does not detect invalid UTF-8.
 * @throws Refusal too_large, unsupported_media_type, not_parsable; invalid_input for what parsing would change
 */
export function parseBody(request: HttpRequest): unknown {
  const bytes = bodyBytes(request);
  if (bytes.length === 0) return {};
  if (bytes.length > limits.bodyBytes) {
    throw new Refusal('too_large', `The body is ${bytes.length} bytes; the maximum is ${limits.bodyBytes}.`);
  }
  const contentType = request.headers['content-type'];
  if (!jsonType.test(contentType ?? '')) {
    const sent = contentType === undefined ? 'no content type' : `the content type ${contentType.slice(0, 100)}`;
    throw new Refusal('unsupported_media_type', `The body was sent with ${sent}; only JSON is supported.`);
  }
  const text = decodedUtf8(bytes);
  if (text === undefined) throw new Refusal('not_parsable', 'The body is not valid UTF-8.');
  const value = parse(text);
  const changed = changedByParsing(text);
  if (changed.length > 0) throw invalidInput(changed);
  return value;
}

/**
 * The body as sent; it must not be compressed.
 * @throws Refusal unsupported_media_type
 */
export function bodyBytes({ body = '', headers, isBase64Encoded }: HttpRequest): Buffer {
  const encoding = headers['content-encoding'] ?? '';
  if (body !== '' && !/^\s*(identity)?\s*$/i.test(encoding)) {
    const says = `The body was sent with the content encoding ${encoding.slice(0, 100)}; compressed bodies are not supported.`;
    throw new Refusal('unsupported_media_type', says, {
      hint: 'Send the body uncompressed, without content-encoding.',
    });
  }
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new Refusal('not_parsable', `The body is not valid JSON: ${why}.`);
  }
}
