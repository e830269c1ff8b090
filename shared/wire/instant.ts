/** A time as in responses: RFC 3339 in UTC, with milliseconds. */
export const instant = (time: number) => new Date(time).toISOString();
