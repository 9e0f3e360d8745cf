/** What people write into the remark of a payment, and the numbers in it. */

/** Full width to half width, capitals, nothing but letters, digits and Chinese characters. */
export const normalName = (text: string): string => text.normalize("NFKC").toUpperCase().replace(/[^\p{L}\p{N}]/gu, "");

/** Numbers in a text, without their separators: "货款SI2601-00001，SI2601/00002" gives both. At least six characters with four digits in them. */
export function referencesIn(text: string): string[] {
  const found: string[] = [];
  for (const [token] of text.normalize("NFKC").toUpperCase().matchAll(/[A-Z0-9]+(?:[-_/.][A-Z0-9]+)*/g)) {
    const plain = token.replace(/[^A-Z0-9]/g, "");
    if (plain.length >= 6 && (plain.match(/\d/g)?.length ?? 0) >= 4) found.push(plain);
  }
  return found;
}

/** At least so much of a number must be left of it. */
const leftMin = 7;

/** Answers the known numbers that a written one may mean: two neighbouring digits swapped, or cut off at one end. */
export function nearReferences(known: Iterable<string>): (number: string) => readonly string[] {
  const all = new Set(known);
  const byStart = [...all].sort();
  const byEnd = byStart.map(backwards).sort();
  return (number) => {
    const swapped = new Set<string>();
    for (let index = 0; index + 1 < number.length; index++) {
      if (number[index] === number[index + 1]) continue;
      const other = `${number.slice(0, index)}${number[index + 1]}${number[index]}${number.slice(index + 2)}`;
      if (all.has(other)) swapped.add(other);
    }
    if (swapped.size > 0 || number.length < leftMin) return [...swapped];
    const cut = [...new Set([...beginning(byStart, number), ...beginning(byEnd, backwards(number)).map(backwards)])];
    return cut.length <= meaningsMax ? cut : [];
  };
}
const meaningsMax = 8;
const backwards = (text: string): string => [...text].reverse().join("");

/** Those in a sorted list that begin so, no more than are of use. */
function beginning(sorted: readonly string[], start: string): string[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < start) low = middle + 1;
    else high = middle;
  }
  const found: string[] = [];
  for (let index = low; index < sorted.length && found.length <= meaningsMax && (sorted[index] as string).startsWith(start); index++) if (sorted[index] !== start) found.push(sorted[index] as string);
  return found;
}
