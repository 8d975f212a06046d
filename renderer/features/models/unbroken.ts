/** A number stays on one line with its unit, its spread and the other end of its interval. */
export const unbroken = (text: string): string =>
  text
    .replace(/(\d) (?=[%±])/g, "$1\u00a0")
    .replace(/± (?=\d)/g, "±\u00a0")
    .replace(/([[［][−+]?[\d.]+), (?=[−+]?[\d.]+[\]］])/g, "$1,\u00a0");
