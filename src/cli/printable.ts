/** C0, DEL and C1 controls, line and paragraph separators, marks that turn the direction of writing, halves of surrogate pairs. */
const unprintable = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\p{Cs}]/gu;

/** Text from outside for a line of a terminal: what could move the cursor, break the line or turn its direction becomes U+FFFD. */
export function printable(text: string): string {
  return text.replace(unprintable, '\uFFFD');
}
