/** Names within this many edits are near. */
const maxEdits = 2;

/** The known names closest to an unknown one, nearest first; empty if none is near. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  return [...known]
    .filter((other) => Math.abs(other.length - name.length) <= maxEdits)
    .map((other) => ({ other, edits: distance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ other, edits }) => edits <= Math.min(maxEdits, Math.floor(Math.min(name.length, other.length) / 2)))
    .sort((one, other) => one.edits - other.edits || (one.other < other.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other);
}

/**
 * The number of insertions, deletions, replacements and swaps of neighbors that turn one name into the other (optimal
 * string alignment, https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance).
 */
function distance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, n) => n);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = (last[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replaced);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwap) least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? 0;
}
