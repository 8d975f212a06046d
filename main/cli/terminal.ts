/**
 * What a terminal obeys in place of showing it, from whatever file a name or a note came: control characters but line end
 * and tab (C0, DELETE, C1), and marks that turn the direction of writing (bidi: U+061C, U+200E-F, U+202A-E, U+2066-9).
 */
// eslint-disable-next-line no-control-regex -- they are what it looks for
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = (text: string): string => `\\u${text.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Text that a terminal only shows. The escapes are those of JSON, so that a document stays one and says the same. */
export const shown = (text: string): string => text.replaceAll(OBEYED, escaped);

/** The same for what must stay one line. */
export const shownLine = (text: string): string => shown(text).replaceAll("\n", escaped);
