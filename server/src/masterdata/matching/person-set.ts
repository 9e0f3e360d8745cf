/**
 * A seeded set of persons with typing errors, swapped and missing fields, made of invented names; any number of rows, one after
 * another. Half of the persons have one row, the others two to four. The same seed gives the same rows.
 */
import { seededRandom } from "./similarity.ts";

export type PersonRow = { readonly row: readonly string[]; readonly thing: number };

const header = ["rec_id", "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "state", "date_of_birth", "phone_number"];

export function personSet(rowsWanted: number, seed: number): { readonly header: readonly string[]; rows(): Generator<PersonRow> } {
  return { header, rows: () => persons(rowsWanted, seed) };
}

function* persons(rowsWanted: number, seed: number): Generator<PersonRow> {
  const random = seededRandom(seed);
  const chance = (perMille: number): boolean => random(1000) < perMille;
  const pick = <T>(list: readonly T[] | string): T => list[random(list.length)] as T;
  const word = (syllables: number): string => Array.from({ length: syllables }, () => pick<string>("bcdfghjklmnprstvwz") + pick<string>(["a", "e", "i", "o", "u", "an", "el", "in", "or", "ur"])).join("");
  const words = (count: number): string[] => [...new Set(Array.from({ length: count }, () => word(2 + random(2))))];
  const given = words(600), surnames = words(8000), streets = words(6000), suburbs = words(2500).map((name) => ({ name, postcode: String(2000 + random(7000)), state: pick(["nsw", "vic", "qld", "wa", "sa", "tas"]) }));
  // Few names are frequent and many are rare: the square of a share draws to the front.
  const drawn = (list: readonly string[]): string => list[Math.floor((random(10_000) / 10_000) ** 2 * list.length)] as string;
  const digits = (count: number): string => Array.from({ length: count }, () => String(random(10))).join("");
  const mistyped = (text: string): string => {
    if (text.length < 2) return text;
    const at = random(text.length), letter = /\d/.test(text) ? String(random(10)) : pick<string>("abcdefghijklmnopqrstuvwxyz");
    switch (random(4)) {
      case 0: return text.slice(0, at) + letter + text.slice(at);
      case 1: return text.slice(0, at) + text.slice(at + 1);
      case 2: return text.slice(0, at) + letter + text.slice(at + 1);
      default: return at + 1 < text.length ? text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2) : text;
    }
  };
  for (let made = 0, thing = 0; made < rowsWanted; thing++) {
    const suburb = pick(suburbs);
    const original = [drawn(given), drawn(surnames), String(1 + random(250)), `${drawn(streets)} ${pick(["street", "road", "place", "avenue", "court"])}`, suburb.name, suburb.postcode, suburb.state, `${1920 + random(85)}${String(1 + random(12)).padStart(2, "0")}${String(1 + random(28)).padStart(2, "0")}`, `0${random(9)} ${digits(8)}`];
    const copies = chance(500) ? 1 : chance(700) ? 2 : chance(600) ? 3 : 4;
    for (let copy = 0; copy < copies && made < rowsWanted; copy++) {
      const fields = [...original];
      if (copy > 0) {
        for (let errors = random(5); errors > 0; errors--) {
          const at = random(fields.length);
          fields[at] = chance(250) ? "" : mistyped(fields[at] as string);
        }
        if (chance(40)) [fields[0], fields[1]] = [fields[1] as string, fields[0] as string];
        if (chance(80)) fields[8] = `0${random(9)} ${digits(8)}`;
      }
      yield { row: [`p-${made}`, ...fields], thing };
      made++;
    }
  }
}
