import { invalid } from './errors.ts';
import type { Item, Value } from './values.ts';

/** A path in an item: attribute names and list indexes. */
export type Path = (string | number)[];

export type Operand = { is: 'path'; path: Path } | { is: 'value'; value: Value } | { is: 'size'; path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { is: 'and' | 'or'; all: Condition[] }
  | { is: 'not'; condition: Condition }
  | { is: 'compare'; comparator: Comparator; left: Operand; right: Operand }
  | { is: 'between'; operand: Operand; low: Operand; high: Operand }
  | { is: 'in'; operand: Operand; list: Operand[] }
  | { is: 'function'; name: string; path: Path; argument?: Operand };

export type SetTerm = Operand | { is: 'if_not_exists'; path: Path; otherwise: SetTerm };

export interface Update {
  set: { path: Path; left: SetTerm; operator?: '+' | '-'; right?: SetTerm }[];
  remove: Path[];
  add: { path: Path; value: Value }[];
  delete: { path: Path; value: Value }[];
}

const token = /\s*(<>|<=|>=|[=<>(),+\-.[\]]|[#:]?[A-Za-z0-9_]+)/y;
const conditionFunctions = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'];

/** Parses the expressions of one request. Placeholders for names and values must be defined and used. */
export class Parser {
  readonly #names: Record<string, string>;
  readonly #values: Item;
  readonly #used = new Set<string>();
  #tokens: string[] = [];

  constructor(names: Record<string, string> = {}, values: Item = {}) {
    this.#names = names;
    this.#values = values;
  }

  condition(expression: string): Condition {
    this.#begin(expression);
    const condition = this.#or();
    this.#end();
    return condition;
  }

  paths(expression: string): Path[] {
    this.#begin(expression);
    const paths = this.#list(() => this.#path());
    this.#end();
    return paths;
  }

  update(expression: string): Update {
    this.#begin(expression);
    const update: Update = { set: [], remove: [], add: [], delete: [] };
    const seen = new Set<string>();
    while (this.#tokens.length > 0) {
      const clause = this.#next().toUpperCase();
      if (seen.has(clause)) throw invalid(`Invalid UpdateExpression: the clause ${clause} is used more than once`);
      seen.add(clause);
      this.#clause(clause, update);
    }
    requireDistinct([...update.set, ...update.add, ...update.delete].map(({ path }) => path).concat(update.remove));
    return update;
  }

  /** @throws ValidationException if a defined placeholder is unused */
  requireAllUsed(): void {
    for (const given of [...Object.keys(this.#names), ...Object.keys(this.#values)]) {
      if (!this.#used.has(given)) throw invalid(`Value or name ${given} is unused in expressions`);
    }
  }

  #clause(clause: string, update: Update): void {
    if (clause === 'SET') update.set.push(...this.#list(() => this.#assignment()));
    else if (clause === 'REMOVE') update.remove.push(...this.#list(() => this.#path()));
    else if (clause === 'ADD') update.add.push(...this.#list(() => ({ path: this.#path(), value: this.#value() })));
    else if (clause === 'DELETE')
      update.delete.push(...this.#list(() => ({ path: this.#path(), value: this.#value() })));
    else throw invalid(`Invalid UpdateExpression: Syntax error; token: ${clause}`);
  }

  #assignment(): Update['set'][number] {
    const path = this.#path();
    this.#expect('=');
    const left = this.#term();
    const operator = this.#tokens[0];
    if (operator !== '+' && operator !== '-') return { path, left };
    this.#next();
    return { path, left, operator, right: this.#term() };
  }

  #term(): SetTerm {
    if (this.#tokens[1] !== '(') return this.#operand();
    const name = this.#next();
    if (name !== 'if_not_exists') throw invalid(`The simulation has no function ${name} in updates`);
    this.#expect('(');
    const path = this.#path();
    this.#expect(',');
    const otherwise = this.#term();
    this.#expect(')');
    return { is: 'if_not_exists', path, otherwise };
  }

  #or(): Condition {
    const all = [this.#and()];
    while (this.#takes('OR')) all.push(this.#and());
    return all.length === 1 && all[0] ? all[0] : { is: 'or', all };
  }

  #and(): Condition {
    const all = [this.#not()];
    while (this.#takes('AND')) all.push(this.#not());
    return all.length === 1 && all[0] ? all[0] : { is: 'and', all };
  }

  #not(): Condition {
    return this.#takes('NOT') ? { is: 'not', condition: this.#not() } : this.#primary();
  }

  #primary(): Condition {
    if (this.#takes('(')) {
      const condition = this.#or();
      this.#expect(')');
      return condition;
    }
    if (conditionFunctions.includes(this.#tokens[0] ?? '') && this.#tokens[1] === '(') return this.#function();
    const operand = this.#operand();
    if (this.#takes('BETWEEN')) {
      const low = this.#operand();
      this.#expect('AND');
      const high = this.#operand();
      requireOrdered(low, high);
      return { is: 'between', operand, low, high };
    }
    if (this.#takes('IN')) {
      this.#expect('(');
      const list = this.#list(() => this.#operand());
      this.#expect(')');
      return { is: 'in', operand, list };
    }
    const comparator = this.#next();
    if (!['=', '<>', '<', '<=', '>', '>='].includes(comparator)) throw invalid(`Syntax error; token: ${comparator}`);
    const right = this.#operand();
    if (comparator !== '=' && comparator !== '<>') requireOrdered(operand, right);
    return { is: 'compare', comparator: comparator as Comparator, left: operand, right };
  }

  #function(): Condition {
    const name = this.#next();
    this.#expect('(');
    const path = this.#path();
    const argument = this.#takes(',') ? this.#operand() : undefined;
    this.#expect(')');
    return { is: 'function', name, path, ...(argument && { argument }) };
  }

  #operand(): Operand {
    if (this.#tokens[0]?.startsWith(':')) return { is: 'value', value: this.#value() };
    if (this.#tokens[0] !== 'size' || this.#tokens[1] !== '(') return { is: 'path', path: this.#path() };
    this.#next();
    this.#expect('(');
    const path = this.#path();
    this.#expect(')');
    return { is: 'size', path };
  }

  #value(): Value {
    const name = this.#next();
    const value = this.#values[name];
    if (value === undefined) throw invalid(`An expression attribute value used in expression is not defined: ${name}`);
    this.#used.add(name);
    return value;
  }

  #path(): Path {
    const path: Path = [this.#name()];
    for (;;) {
      if (this.#takes('.')) {
        path.push(this.#name());
      } else if (this.#takes('[')) {
        path.push(Number(this.#next()));
        this.#expect(']');
      } else {
        return path;
      }
    }
  }

  #name(): string {
    const text = this.#next();
    if (/^[A-Za-z_]/.test(text)) return text;
    const name = this.#names[text];
    if (name === undefined)
      throw invalid(`An expression attribute name used in the document path is not defined: ${text}`);
    this.#used.add(text);
    return name;
  }

  #list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.#takes(',')) items.push(read());
    return items;
  }

  #begin(expression: string): void {
    this.#tokens = [];
    token.lastIndex = 0;
    const text = expression.trimEnd();
    while (token.lastIndex < text.length) {
      const [, found] = token.exec(text) ?? [];
      if (found === undefined) throw invalid(`Syntax error in ${expression}`);
      this.#tokens.push(found);
    }
  }

  #end(): void {
    if (this.#tokens.length > 0) throw invalid(`Syntax error; token: ${this.#tokens[0]}`);
  }

  #next(): string {
    const next = this.#tokens.shift();
    if (next === undefined) throw invalid('Syntax error; token: <EOF>');
    return next;
  }

  #takes(word: string): boolean {
    if (this.#tokens[0]?.toUpperCase() !== word) return false;
    this.#tokens.shift();
    return true;
  }

  #expect(word: string): void {
    if (!this.#takes(word)) throw invalid(`Syntax error; token: ${this.#tokens[0]}, expected ${word}`);
  }
}

/** Operands of an ordering comparison must be ordered values. */
function requireOrdered(...operands: readonly Operand[]): void {
  const isOrdered = ({ S, N, B }: Value) => S !== undefined || N !== undefined || B !== undefined;
  if (operands.every((one) => one.is !== 'value' || isOrdered(one.value))) return;
  throw invalid('Incorrect operand type for operator or function');
}

/** No path may equal another one or be inside it. */
function requireDistinct(paths: readonly Path[]): void {
  paths.forEach((one, n) => {
    for (const other of paths.slice(n + 1)) {
      const common = Math.min(one.length, other.length);
      if (one.slice(0, common).join('\n') === other.slice(0, common).join('\n')) {
        throw invalid('Invalid UpdateExpression: Two document paths overlap with each other');
      }
    }
  });
}
