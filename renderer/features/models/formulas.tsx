import { createElement, type ReactNode } from "react";

/** MathML, which Chromium sets by itself with the mathematical font of fonts.css. Variables are italic, names upright. */
type Node = ReactNode;

const element = (name: string, ...children: readonly Node[]): Node => createElement(name, null, ...children);
const i = (name: string): Node => element("mi", name);
const upright = (name: string): Node => createElement("mi", { mathvariant: "normal" }, name);
// One line is one row: left to stretch, every bracket would grow as high as the highest thing in its line.
const o = (sign: string): Node => createElement("mo", { stretchy: "false" }, sign);
const n = (value: string): Node => element("mn", value);
const row = (...children: readonly Node[]): Node => element("mrow", ...children);
const sub = (base: Node, below: Node): Node => element("msub", base, below);
const sup = (base: Node, above: Node): Node => element("msup", base, above);
const both = (base: Node, below: Node, above: Node): Node => element("msubsup", base, below, above);
const tilde = (base: Node): Node => createElement("mover", { accent: "true" }, base, o("~"));
const bar = (base: Node): Node => createElement("mover", { accent: "true" }, base, o("¯"));
const fraction = (over: Node, under: Node): Node => element("mfrac", over, under);
const line = (...children: readonly Node[]): Node =>
  createElement("math", { display: "block" }, row(...children));

const c = i("c");
const W = sup(i("W"), i("l"));
const h = (layer: Node): Node => sup(i("h"), layer);
const before = row(i("l"), o("−"), n("1"));
const inverse = sup(i("Σ"), row(o("−"), n("1")));
const transposed = (base: Node): Node => both(base, c, upright("T"));
const member = sub(i("p"), i("m"));
const half = fraction(n("1"), n("2"));
const mean = (of: Node): Node => row(fraction(n("1"), i("M")), sub(o("∑"), i("m")), of);
const squared = (difference: Node): Node => sup(difference, n("2"));
const term = (name: string): Node => row(sub(i(name), c), o("−"), sub(tilde(i(name)), c));

/** The formulas of each method, one a line. Symbols are the papers'. */
export const formulas = {
  identity: [
    line(
      h(n("0")),
      o("="),
      o("["),
      i("x"),
      o(";"),
      n("0"),
      o("]"),
      o(","),
      h(i("l")),
      o("="),
      i("φ"),
      o("("),
      W,
      h(before),
      o("+"),
      sup(i("b"), i("l")),
      o(")"),
    ),
    line(
      i("φ"),
      o("("),
      i("z"),
      o(")"),
      o("="),
      upright("clip"),
      o("("),
      i("z"),
      o(","),
      o("−"),
      n("1"),
      o(","),
      n("1"),
      o(")"),
      o(","),
      W,
      o("←"),
      i("I"),
      o(","),
      sup(i("b"), i("l")),
      o("←"),
      n("0"),
    ),
    line(
      sub(i("e"), row(c, o(","), i("i"))),
      o("="),
      sub(o("∑"), i("l")),
      sub(row(o("("), W, o("−"), i("I"), o(")")), row(c, o(","), i("i"))),
      both(i("h"), i("i"), before),
    ),
  ],
  coupled: [
    line(
      i("P"),
      o("("),
      c,
      o("|"),
      i("h"),
      o(")"),
      o("="),
      sub(upright("softmax"), c),
      o("("),
      transposed(i("w")),
      i("h"),
      o("+"),
      sub(i("b"), c),
      o(")"),
    ),
    line(
      sub(tilde(i("w")), c),
      o("="),
      inverse,
      sub(i("μ"), c),
      o(","),
      sub(tilde(i("b")), c),
      o("="),
      upright("ln"),
      sub(i("π"), c),
      o("−"),
      half,
      transposed(i("μ")),
      inverse,
      sub(i("μ"), c),
    ),
    line(
      fraction(n("1"), row(n("2"), squared(i("σ")))),
      sub(o("∑"), c),
      o("("),
      squared(row(o("‖"), term("w"), o("‖"))),
      o("+"),
      squared(row(o("("), term("b"), o(")"))),
      o(")"),
    ),
  ],
  lda: [
    line(
      i("P"),
      o("("),
      c,
      o("|"),
      i("x"),
      o(")"),
      o("∝"),
      sub(i("π"), c),
      upright("N"),
      o("("),
      i("x"),
      o(";"),
      sub(i("μ"), c),
      o(","),
      i("Σ"),
      o(")"),
    ),
  ],
  temperature: [
    line(
      i("P"),
      o("="),
      upright("softmax"),
      o("("),
      i("z"),
      o("/"),
      i("T"),
      o(")"),
      o(","),
      i("T"),
      o("="),
      element("munder", upright("argmin"), i("T")),
      upright("\u2009Brier"),
      o("("),
      i("T"),
      o(")"),
    ),
  ],
  ensemble: [
    line(
      bar(i("p")),
      o("="),
      mean(member),
      o(","),
      upright("H"),
      o("["),
      i("p"),
      o("]"),
      o("="),
      o("−"),
      sub(o("∑"), c),
      sub(i("p"), c),
      upright("ln"),
      sub(i("p"), c),
    ),
    line(
      sub(upright("H"), upright("a")),
      o("="),
      mean(row(upright("H"), o("["), member, o("]"))),
      o(","),
      sub(upright("H"), upright("e")),
      o("="),
      upright("H"),
      o("["),
      bar(i("p")),
      o("]"),
      o("−"),
      sub(upright("H"), upright("a")),
    ),
  ],
} as const;
