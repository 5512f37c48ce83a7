/** The parameters of a request as nearly every client sends them. */
export interface PlainParams {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Readonly<Record<string, unknown>> | null;
}

const NAMES: ReadonlySet<string> = new Set(['query', 'operationName', 'variables', 'extensions']);

/** Reads a body that holds nothing but proper parameters. Null for anything else, which is judged elsewhere: this refuses nothing and tells nothing. */
export function plainParams(body: string): PlainParams | null {
  const params = parsed(body);
  if (!isObject(params) || !Object.keys(params).every((name) => NAMES.has(name))) return null;
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string' || !(isAbsent(operationName) || typeof operationName === 'string')) return null;
  if (!(isAbsent(variables) || isObject(variables)) || !(isAbsent(extensions) || isObject(extensions))) return null;
  return { query, operationName: operationName ?? null, variables: variables ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
