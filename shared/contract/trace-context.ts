/**
 * W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header): the caller's trace, as `version-trace
 * id-parent id-flags`.
 */
export const traceparentPattern = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const noTraceId = /^0+$/;

/** Whether all parts are valid; all-zero ids and version ff are not. */
export function isTraceparent(text: string): boolean {
  const [version, traceId = '', parentId = ''] = text.split('-');
  return traceparentPattern.test(text) && version !== 'ff' && ![traceId, parentId].some((id) => noTraceId.test(id));
}

/**
 * Reads a traceparent from unvalidated input such as a header. As the standard requires, an invalid one is ignored, and
 * so are the extra fields of a later version.
 */
export function readTraceparent(header: unknown): string | undefined {
  if (typeof header !== 'string') return undefined;
  const [version = '', traceId, parentId, flags, ...more] = header.trim().split('-');
  if (version === '00' && more.length > 0) return undefined;
  const context = `${traceId}-${parentId}-${flags}`;
  return isTraceparent(`${version}-${context}`) ? `00-${context}` : undefined;
}

/** The trace id, for logs. */
export const traceIdOf = (traceparent: unknown) => readTraceparent(traceparent)?.split('-')[1];
