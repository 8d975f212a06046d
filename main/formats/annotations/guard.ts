/** Spreadsheets take a cell that begins so for a formula. Quotes before it may be guards themselves. */
const formula = /^'*[=+\-@\t\r]/;

/** A text as a spreadsheet may open it: an apostrophe before what it would compute. */
export const guarded = (text: string): string => (formula.test(text) ? `'${text}` : text);

/** The text again, without the one apostrophe that guards it. */
export const unguarded = (text: string): string =>
  text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
