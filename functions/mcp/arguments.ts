import { changedByParsing, changedNumber, type ParsingChange } from '#shared/contract/json-text.ts';
import type { ArgumentSchema } from '#shared/contract/transports/tool-schemas.ts';

type Path = ParsingChange['path'];

/** The arguments of a call as the tool declares them, and what parsing them would change. */
export interface Arguments {
  input: unknown;
  changed: ParsingChange[];
}

/**
 * Reads arguments leniently, by the declared schema, since models and clients are imprecise: null for an argument that
 * cannot be null means absent, text in place of another type is parsed as JSON, and `python, web` is a list of names.
 * Whatever is still wrong is refused as over HTTP.
 */
export function readArguments(given: unknown, schema: ArgumentSchema): Arguments {
  const changed: ParsingChange[] = [];
  return { input: new ArgumentReader(changed).read(given ?? {}, schema, []), changed };
}

/** Never descends further than the schema, which is finite, however deep the arguments are. */
class ArgumentReader {
  readonly #changed: ParsingChange[];

  constructor(changed: ParsingChange[]) {
    this.#changed = changed;
  }

  read(given: unknown, schema: ArgumentSchema, path: Path): unknown {
    const options = optionsOf(schema);
    const value = typeof given === 'string' ? this.#readText(given, options, path) : given;
    if (Array.isArray(value)) {
      const items = options.find((option) => takes(option, 'array'))?.items as ArgumentSchema | undefined;
      return items ? value.map((item, n) => this.read(item, items, [...path, n])) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    const properties = options.find((option) => takes(option, 'object'))?.properties;
    return properties ? this.#readFields(value, properties, path) : value;
  }

  #readFields(fields: object, properties: NonNullable<ArgumentSchema['properties']>, path: Path): object {
    const read: [string, unknown][] = [];
    for (const [name, value] of Object.entries(fields)) {
      const schema = Object.hasOwn(properties, name) ? (properties[name] as ArgumentSchema) : undefined;
      if (schema && value === null && !optionsOf(schema).some((option) => takes(option, 'null'))) continue;
      read.push([name, schema ? this.read(value, schema, [...path, name]) : value]);
    }
    return Object.fromEntries(read);
  }

  #readText(text: string, options: readonly ArgumentSchema[], path: Path): unknown {
    if (options.some((option) => takes(option, 'string') && (!option.enum || option.enum.includes(text)))) return text;
    const declared = (...types: string[]) => options.some((option) => types.some((type) => takes(option, type)));
    const written = text.trim();
    if (declared('boolean') && /^(true|false)$/i.test(written)) return written.toLowerCase() === 'true';
    if (declared('integer', 'number') && jsonNumber.test(written)) return this.#readNumber(written, path);
    if (written.startsWith('{') && declared('object')) return this.#readJson(text, path);
    if (written.startsWith('[') && declared('array')) return this.#readJson(text, path);
    return options.some(isListOfTexts) ? listed(written) : text;
  }

  #readNumber(written: string, path: Path): number {
    const message = changedNumber(written);
    if (message !== undefined) this.#changed.push({ path, message });
    return Number(written);
  }

  /** Text that is not JSON stays text, and is refused as such. */
  #readJson(text: string, path: Path): unknown {
    try {
      const value: unknown = JSON.parse(text);
      this.#changed.push(...changedByParsing(text).map((one) => ({ ...one, path: [...path, ...one.path] })));
      return value;
    } catch {
      return text;
    }
  }
}

const jsonNumber = /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i;

const optionsOf = (schema: ArgumentSchema): readonly ArgumentSchema[] =>
  schema.anyOf?.flatMap((option) => optionsOf(option)) ?? [schema];

const takes = ({ type }: ArgumentSchema, wanted: string) => [type].flat().some((one) => one === wanted);

const isListOfTexts = (option: ArgumentSchema) =>
  takes(option, 'array') && optionsOf(option.items as ArgumentSchema).some((item) => takes(item, 'string'));

const listed = (text: string) =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
