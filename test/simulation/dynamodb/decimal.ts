/**
 * DynamoDB's numbers: decimal, 38 significant digits, magnitudes from 1e-130 to below 1e126. They are passed as text
 * and added exactly; floating point would hide errors.
 */
export interface Decimal {
  digits: bigint;
  /** Exponent of ten. */
  exponent: number;
}

const maxDigits = 38;
const smallest = -130;
const largest = 125;

/** Parses a number, in lowest terms. Undefined if it is not one. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  const [, sign = '', whole = '', part = '', power = '0'] = match ?? [];
  if (!match || whole + part === '') return undefined;
  return reduced({
    digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${part}`),
    exponent: Number(power) - part.length,
  });
}

/** Why a number cannot be stored; undefined if it can. */
export function decimalFault({ digits, exponent }: Decimal): string | undefined {
  if (digits === 0n) return undefined;
  const length = digitsOf(digits).length;
  const magnitude = exponent + length - 1;
  if (magnitude > largest)
    return 'Number overflow. Attempting to store a number with magnitude larger than supported range';
  if (magnitude < smallest)
    return 'Number underflow. Attempting to store a number with magnitude smaller than supported range';
  return length > maxDigits ? 'Attempting to store more than 38 significant digits in a Number' : undefined;
}

/** The number without an exponent, as DynamoDB returns it. */
export function decimalText({ digits, exponent }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  if (exponent >= 0) return `${digits}${'0'.repeat(exponent)}`;
  const text = digitsOf(digits).padStart(1 - exponent, '0');
  return `${sign}${text.slice(0, exponent)}.${text.slice(exponent)}`;
}

export function add(one: Decimal, other: Decimal): Decimal {
  const exponent = Math.min(one.exponent, other.exponent);
  return reduced({ digits: scaled(one, exponent) + scaled(other, exponent), exponent });
}

export const negated = ({ digits, exponent }: Decimal): Decimal => ({ digits: -digits, exponent });

/** Negative, zero or positive, if the first is less than, equal to or greater than the second. */
export function compareDecimals(one: Decimal, other: Decimal): number {
  const { digits } = add(one, negated(other));
  return digits < 0n ? -1 : digits > 0n ? 1 : 0;
}

const digitsOf = (digits: bigint) => String(digits).replace('-', '');
const scaled = ({ digits, exponent }: Decimal, to: number) => digits * 10n ** BigInt(exponent - to);

function reduced({ digits, exponent }: Decimal): Decimal {
  if (digits === 0n) return { digits, exponent: 0 };
  const zeros = /0*$/.exec(String(digits))?.[0].length ?? 0;
  return { digits: digits / 10n ** BigInt(zeros), exponent: exponent + zeros };
}
