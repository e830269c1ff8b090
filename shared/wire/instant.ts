/** A time as answers show it: RFC 3339 in UTC, with milliseconds. */
export const instant = (time: number) => new Date(time).toISOString();
