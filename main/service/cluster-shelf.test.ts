import { expect, test } from "vitest";
import { type Kept, Shelf } from "./cluster-shelf.ts";

/** A shelf whose items note what becomes of them. */
function watched(mostBytes: number) {
  const told: string[] = [];
  const shelf = new Shelf<Kept & { readonly name: string }>(mostBytes);
  const use = (
    name: string,
    bytes: number,
    work: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> =>
    shelf.use(
      name,
      () => {
        told.push(`fetch ${name}`);
        const note = (what: string) => () => Promise.resolve(void told.push(`${what} ${name}`));
        return Promise.resolve({ name, bytes, rest: note("rest"), remove: note("remove") });
      },
      work,
    );
  const since = (): string[] => told.splice(0);
  return { shelf, use, since };
}

test("what was used least lately goes once there is too much, and comes again when it is needed", async () => {
  const { use, since } = watched(100);
  for (const name of ["a", "b", "c"]) await use(name, 40);
  expect(since()).toEqual(["fetch a", "fetch b", "fetch c", "remove a"]);
  await use("b", 40);
  await use("a", 40);
  expect(since()).toEqual(["fetch a", "remove c"]);
  await use("b", 40);
  expect(since()).toEqual([]);
});

test("what is in use stays, and so does the last, however large", async () => {
  const { use, since } = watched(100);
  await use("a", 60, async () => {
    await use("b", 60);
    expect(since()).toEqual(["fetch a", "fetch b"]);
    await use("c", 60);
    expect(since()).toEqual(["fetch c", "remove b"]);
  });
  expect(since()).toEqual(["remove a"]);
  for (let i = 0; i < 2; i += 1) await use("huge", 1000);
  expect(since()).toEqual(["fetch huge", "remove c"]);
});

test("one fetch serves all who come meanwhile; one that failed is tried again", async () => {
  const { shelf, use, since } = watched(100);
  await Promise.all([use("a", 10), use("a", 10)]);
  expect(since()).toEqual(["fetch a"]);
  const failing = (): Promise<never> => Promise.reject(new Error("disk full"));
  await expect(shelf.use("b", failing, () => Promise.resolve())).rejects.toThrow(/disk full/);
  await use("b", 10);
  expect(since()).toEqual(["fetch b"]);
});

test("few hold memory; all let go at the end", async () => {
  const { shelf, use, since } = watched(100);
  for (const name of ["a", "b", "c", "d", "e"]) await use(name, 1);
  expect(since().filter((line) => line.startsWith("rest"))).toEqual(["rest a"]);
  await shelf.close();
  expect(since()).toEqual(["rest a", "rest b", "rest c", "rest d", "rest e"]);
});
