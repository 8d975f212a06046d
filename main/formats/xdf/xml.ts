/** An element of the little XML that measuring software writes: no attributes are kept, no entities but the five. */
export interface XmlElement {
  readonly name: string;
  readonly text: string; // its own, blanks at the ends off
  readonly children: readonly XmlElement[];
}

const DEPTH_LIMIT = 64;
const ELEMENTS_LIMIT = 200_000;

interface Open {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** The root element; undefined where the text is no XML. What is not closed at its end counts as closed there. */
export function parseXml(text: string): XmlElement | undefined {
  const root: Open = { name: "", text: "", children: [] };
  const open: Open[] = [root];
  let elements = 0;
  const close = (): void => {
    const done = open.pop();
    if (done !== undefined) open.at(-1)?.children.push({ ...done, text: unescape(done.text).trim() });
  };
  for (let at = 0; at < text.length;) {
    const current = open.at(-1) ?? root;
    const start = text.indexOf("<", at);
    current.text += text.slice(at, start === -1 ? text.length : start);
    if (start === -1) break;
    const skipped = afterSpecial(text, start, current);
    if (skipped !== undefined) {
      at = skipped;
      continue;
    }
    const end = text.indexOf(">", start);
    if (end === -1) break;
    const inside = text.slice(start + 1, end);
    const name = /^\/?([^\s/<>]{1,200})/.exec(inside)?.[1];
    if (name === undefined) return undefined;
    if (inside.startsWith("/")) {
      if (open.length > 1) close();
    } else {
      if (open.length > DEPTH_LIMIT || ++elements > ELEMENTS_LIMIT) return undefined;
      open.push({ name, text: "", children: [] });
      if (inside.endsWith("/")) close();
    }
    at = end + 1;
  }
  while (open.length > 1) close();
  return root.children[0];
}

/** Past a declaration, a comment or a CDATA section, whose text is kept; undefined where an element starts. */
function afterSpecial(text: string, start: number, current: Open): number | undefined {
  const past = (mark: string): number => {
    const end = text.indexOf(mark, start);
    return end === -1 ? text.length : end + mark.length;
  };
  if (text.startsWith("<?", start)) return past("?>");
  if (text.startsWith("<!--", start)) return past("-->");
  if (text.startsWith("<![CDATA[", start)) {
    const end = past("]]>");
    current.text += text.slice(start + 9, end - 3).replaceAll("&", "&amp;");
    return end;
  }
  return text.startsWith("<!", start) ? past(">") : undefined;
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const unescape = (text: string): string =>
  text.replace(/&(lt|gt|amp|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);

/** Elements of one name among an element's own. */
export const childrenOf = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children.filter((child) => child.name === name) ?? [];

/** The text of the element at the end of a path of names, the first of each; empty where there is none. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string {
  let at = element;
  for (const name of path) at = childrenOf(at, name)[0];
  return at?.text ?? "";
}
