import temml from "temml";
import { createElement, useCallback, useState, type CSSProperties, type ReactNode } from "react";
import { z } from "zod";
import css from "./formula.module.css";
import { scrolls } from "./keys.ts";

/** What Temml makes of TeX: elements of MathML, and their text. */
interface Tree {
  readonly type?: string | undefined; // absent: a run of children
  readonly text?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  readonly style?: Readonly<Record<string, string>> | undefined;
  readonly classes?: readonly string[] | undefined;
  readonly children?: readonly Tree[] | undefined;
}

const Named = z.record(z.string(), z.coerce.string()).optional();
const Tree: z.ZodType<Tree> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    text: z.string().optional(),
    attributes: Named,
    style: Named,
    classes: z.array(z.string()).optional(),
    children: z.array(Tree).optional(),
  }),
);

/** Elements that a formula may consist of; another one draws its children alone. */
const known = new Set(
  "math mrow mi mn mo mtext mspace mfrac msub msup msubsup munder mover munderover msqrt mroot mtable mtr mtd mstyle mpadded mphantom menclose".split(
    " ",
  ),
);
const attributes = new Set(
  "display mathvariant stretchy fence form separator lspace rspace width height depth movablelimits accent accentunder linethickness columnalign rowspacing columnspacing scriptlevel displaystyle minsize maxsize symmetric largeop notation".split(
    " ",
  ),
);
/** Of Temml's styles those that place things; the rest would be for a page that allows styles in markup. */
const styles = new Set(["paddingLeft", "paddingRight", "paddingTop", "paddingBottom", "textAlign"]);

/** What Temml's own style sheet does for the cells of aligned lines. */
const aligned: Readonly<Record<string, CSSProperties>> = {
  "tml-left": { textAlign: "left" },
  "tml-right": { textAlign: "right" },
};

const only = <Value,>(
  given: Readonly<Record<string, Value>> | undefined,
  allowed: ReadonlySet<string>,
): Record<string, Value> =>
  Object.fromEntries(Object.entries(given ?? {}).filter(([name]) => allowed.has(name)));

function elementOf(tree: Tree, key: number): ReactNode {
  const children = (tree.children ?? []).map(elementOf);
  if (tree.type === undefined || !known.has(tree.type)) return tree.text ?? children;
  const cell = (tree.classes ?? []).find((name) => name in aligned) ?? "";
  const style: CSSProperties = { ...only(tree.style, styles), ...aligned[cell] };
  return createElement(
    tree.type,
    { key, ...only(tree.attributes, attributes), ...(Object.keys(style).length > 0 ? { style } : {}) },
    ...children,
  );
}

/**
 * A formula in TeX as MathML, which Chromium sets by itself with the mathematical font of fonts.css. Elements are made by
 * React, never from markup. Throws for TeX that Temml does not know.
 */
export function formulaOf(tex: string): ReactNode {
  const tree: unknown = temml.__renderToMathMLTree(tex, {
    displayMode: true,
    throwOnError: true,
    strict: true,
  });
  return elementOf(Tree.parse(tree), 0);
}

/** The same on a page: what cannot be set is shown as it was written. One too wide for its place scrolls, by keyboard too. */
export function Formula({ tex }: { readonly tex: string }): ReactNode {
  const [isWide, setWide] = useState(false);
  const watch = useCallback((element: HTMLDivElement) => {
    const observer = new ResizeObserver(() => setWide(element.scrollWidth > element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={watch} className={css["formula"]} {...(isWide ? { tabIndex: 0, ...scrolls } : {})}>
      {setOrWritten(tex)}
    </div>
  );
}

function setOrWritten(tex: string): ReactNode {
  try {
    return formulaOf(tex);
  } catch {
    return <code>{tex}</code>;
  }
}
