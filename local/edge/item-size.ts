/** An attribute value of the DynamoDB protocol: one property, named by the type. */
type AttributeValue = Record<string, unknown>;
export type Item = Record<string, AttributeValue>;

/** Size of an item in bytes, as DynamoDB counts it ("DynamoDB Item sizes and formats" in its developer guide). */
export function itemBytes(item: Item | undefined): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item ?? {})) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

const containerBytes = 3;

function valueBytes(attribute: AttributeValue): number {
  const [entry] = Object.entries(attribute);
  if (!entry) return 0;
  const [type, value] = entry;
  switch (type) {
    case 'S':
      return Buffer.byteLength(value as string);
    case 'N':
      return numberBytes(value as string);
    case 'B':
      return Buffer.byteLength(value as string, 'base64');
    case 'SS':
    case 'NS':
    case 'BS':
      return sum((value as string[]).map((one) => valueBytes({ [type.charAt(0)]: one })));
    case 'L':
      return containerBytes + sum((value as AttributeValue[]).map((one) => 1 + valueBytes(one)));
    case 'M':
      return containerBytes + Object.keys(value as Item).length + itemBytes(value as Item);
    default:
      return 1; // NULL and BOOL
  }
}

/** One byte per two digits, without leading and trailing zeros, plus one for the exponent and one for a sign. */
function numberBytes(text: string): number {
  const [mantissa = ''] = text.split(/e/i);
  const digits = mantissa.replace(/[-+.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith('-') ? 1 : 0);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
