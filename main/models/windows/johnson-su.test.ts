import { expect, test } from "vitest";
import { Picture } from "../../../preload/contract/method.ts";
import { softmaxRows } from "../linear-algebra.ts";
import type { WindowRows } from "../model.ts";
import { seededRandom } from "../random.ts";
import type { JohnsonSuLearned } from "./johnson-su-learned.ts";
import { johnsonSuModel } from "./johnson-su.ts";

/** Two classes of two inputs that are normal until bent by sinh; so many have a label. */
function bentRows(
  count: number,
  labelled: number,
  seed: number,
): WindowRows & { readonly labels: readonly number[] } {
  const random = seededRandom(seed);
  const labels = Array.from({ length: count }, (_, n) => n % 2);
  const x = labels.flatMap((c) => {
    const shared = random.normal();
    return [1, -1].map((way) => Math.sinh((c - 0.5) * way * 1.5 + shared + 0.5 * random.normal()));
  });
  const y = labels.flatMap((c, n) => (n < labelled ? [1 - c, c] : [0, 0]));
  return {
    ...{ count, width: 2, classes: 2, labels },
    ...{ x: Float32Array.from(x), y: Float32Array.from(y), observed: new Uint8Array(2 * count).fill(1) },
  };
}

async function learned(settings: object, rows: WindowRows): Promise<JohnsonSuLearned> {
  const { learning, config } = johnsonSuModel;
  const own = config.parse({ kind: "johnson-su", ...settings });
  let now = learning.begin(own, rows, 0);
  for (let round = 0; round < learning.mostRounds; round += 1) {
    const next = await learning.round(now, own, rows, new AbortController().signal);
    now = next.learned;
    if (next.isSettled) break;
  }
  return now;
}

const accuracy = (
  of: JohnsonSuLearned,
  rows: WindowRows & { readonly labels: readonly number[] },
): number => {
  const p = softmaxRows(johnsonSuModel.score(of, rows).logits, 2);
  return rows.labels.filter((c, n) => ((p[2 * n + 1] ?? 0) > 0.5 ? 1 : 0) === c).length / rows.count;
};

test("four labels and what is unlabelled find the classes that four labels alone do not", async () => {
  const [rows, test] = [bentRows(400, 4, 1), bentRows(2000, 2000, 2)];
  const alone = accuracy(await learned({}, rows), test);
  const all = accuracy(await learned({ unlabelled: true }, rows), test);
  const best = accuracy(await learned({}, bentRows(400, 400, 1)), test);
  expect(all).toBeGreaterThan(best - 0.02);
  expect(all).toBeGreaterThan(alone + 0.02);
});

test("a window with a gap is judged by the distributions, one without by the network", async () => {
  const rows = bentRows(300, 300, 3);
  const [network, classes] = [
    await learned({ form: "network" }, rows),
    await learned({ form: "classes" }, rows),
  ];
  const judged = bentRows(2, 0, 4);
  judged.observed[1] = 0;
  const [one, other] = [network, classes].map((of) => johnsonSuModel.score(of, judged).logits);
  expect(one?.slice(0, 2)).toEqual(other?.slice(0, 2));
  expect(one?.slice(2)).not.toEqual(other?.slice(2));
});

test("what was learned is drawn: densities that hold their share within their ends", async () => {
  const of = await learned({ form: "classes" }, bentRows(300, 300, 5));
  const pictures = johnsonSuModel.pictures?.(of, { inputs: ["a", "b"], classes: ["rest", "fist"] }) ?? [];
  const [densities, facts] = pictures.map((one) => Picture.parse(one));
  if (densities?.kind !== "densities" || facts?.kind !== "facts")
    throw new Error("other pictures than promised");
  expect(densities.densities.map(({ className, input }) => `${className} ${input}`)).toEqual([
    "rest a",
    "rest b",
    "fist a",
    "fist b",
  ]);
  for (const { at, density, low, high } of densities.densities) {
    let mass = 0;
    for (let i = 1; i < at.length; i += 1) {
      const [from, to] = [at[i - 1] ?? 0, at[i] ?? 0];
      if (from >= low && to <= high) mass += ((to - from) * ((density[i - 1] ?? 0) + (density[i] ?? 0))) / 2;
    }
    expect(mass).toBeGreaterThan(0.88);
    expect(mass).toBeLessThan(0.96);
  }
  expect(facts.facts.map(({ value }) => value)[0]).toBe("4 / 4");
});

test("unlabelled windows with another form than the one that can are refused by the name of the setting", () => {
  const { error } = johnsonSuModel.config.safeParse({
    kind: "johnson-su",
    form: "network",
    unlabelled: true,
  });
  expect(error?.issues[0]?.path).toEqual(["unlabelled"]);
});
