/** Gives the text of a Lua file by its path below the folder of scripts, such as `includes/room`. Throws where there is none. */
export type ReadLua = (path: string) => string;

const INCLUDE = /^--- @include ([a-z-]+)$/;

/**
 * A script with its includes in place: each `--- @include name` line becomes the text of `includes/name`, the first time it
 * is met; later ones fall away, since Lua would only define the same thing twice.
 *
 * @param name the script to load
 * @param read where texts come from
 * @param instead names of includes to load in place of others
 * @throws Error where an include is missing or includes itself, by whatever way round
 */
export function loadLua(name: string, read: ReadLua, instead: Readonly<Record<string, string>> = {}): string {
  const done = new Set<string>();

  function expand(path: string, trail: readonly string[]): string {
    return readFrom(path, trail)
      .trimEnd()
      .split('\n')
      .flatMap((line) => {
        const included = INCLUDE.exec(line)?.[1];
        return included === undefined ? [line] : include(`includes/${instead[included] ?? included}`, [...trail, path]);
      })
      .join('\n');
  }

  function include(path: string, trail: readonly string[]): string[] {
    if (trail.includes(path)) throw new Error(`Lua includes go round: ${[...trail, path].join(' -> ')}`);
    if (done.has(path)) return [];
    const text = expand(path, trail);
    done.add(path);
    return [text];
  }

  function readFrom(path: string, trail: readonly string[]): string {
    try {
      return read(path);
    } catch (cause) {
      throw new Error(`Lua file missing: ${[...trail, path].join(' -> ')}`, { cause });
    }
  }

  return `${expand(name, [])}\n`;
}
