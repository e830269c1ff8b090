/*
 * Makes callers' numbers safe to store. DynamoDB numbers have 38 digits: a sum of numbers whose magnitudes differ by
 * more than that fails, along with the write it is part of. Therefore no fraction from a caller is stored or summed
 * unrounded; see also `wholeMs`.
 */

/** A share above 0 and up to 1, rounded to three digits but never to 0. */
export const threeDigits = (share: number) => Math.max(1, Math.round(share * 1000)) / 1000;
