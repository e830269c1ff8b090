/*
 * Numbers of a caller as they may be stored. DynamoDB's numbers have 38 digits: a sum whose parts lie further apart than that
 * is refused, and with it the write that it is part of. So no fraction of a caller is stored or added up: see also `wholeMs`.
 */

/** A share above 0 and up to 1 with three digits. What is not 0 stays above it. */
export const threeDigits = (share: number) => Math.max(1, Math.round(share * 1000)) / 1000;
