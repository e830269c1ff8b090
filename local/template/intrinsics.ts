/** The results of Ref and Fn::GetAtt, by logical id or name of a pseudo parameter. */
export interface References {
  ref: (name: string) => unknown;
  attribute: (logicalId: string, attribute: string) => unknown;
}

type Intrinsic = (argument: unknown, references: References) => unknown;

const intrinsics: Record<string, Intrinsic> = {
  Ref: (name, { ref }) => ref(String(name)),
  'Fn::GetAtt': (argument, { attribute }) => {
    const [logicalId = '', ...rest] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return attribute(logicalId, rest.join('.'));
  },
  'Fn::Join': (argument, references) => {
    const [separator, values] = resolve(argument, references) as [string, unknown[]];
    return values.map(text).join(separator);
  },
  'Fn::Select': (argument, references) => {
    const [index, values] = resolve(argument, references) as [number | string, unknown[]];
    return values[Number(index)];
  },
  'Fn::Split': (argument, references) => {
    const [separator, value] = resolve(argument, references) as [string, string];
    return value.split(separator);
  },
  'Fn::Sub': (argument, references) => {
    const [pattern, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      string,
      Record<string, unknown>,
    ];
    return pattern
      .replaceAll(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
        if (name in variables) return text(resolve(variables[name], references));
        const [logicalId = '', ...attribute] = name.split('.');
        return text(
          attribute.length === 0 ? references.ref(logicalId) : references.attribute(logicalId, attribute.join('.')),
        );
      })
      .replaceAll('${!', '${');
  },
};

/** The value with its intrinsic functions resolved; a property with the value AWS::NoValue is removed. */
export function resolve(value: unknown, references: References): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, references)).filter((item) => item !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name = '', argument] = entries.length === 1 ? (entries[0] ?? []) : [];
  const intrinsic = intrinsics[name];
  if (intrinsic) return intrinsic(argument, references);
  if (name.startsWith('Fn::') || name === 'Condition') {
    throw new Error(
      `The template uses ${name}, which local/ does not support. ` +
        'Write the construct without it, or add it to local/template/intrinsics.ts.',
    );
  }
  return Object.fromEntries(
    entries.map(([key, item]) => [key, resolve(item, references)]).filter(([, item]) => item !== undefined),
  );
}

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
