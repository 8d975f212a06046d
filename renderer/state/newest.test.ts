import { expect, test } from "vitest";
import { newest } from "./newest.ts";

/** Questions under way, to be answered by hand. */
function asked() {
  const open: { readonly question: number; answer: (value: string) => void; fail: (error: Error) => void }[] =
    [];
  const log: string[] = [];
  const asker = newest<number, string>(
    (question) => new Promise((answer, fail) => open.push({ question, answer, fail })),
    (question, answer) => log.push(`${question}: ${answer}`),
    (question, error) => log.push(`${question} failed: ${String(error)}`),
  );
  return { open, log, asker };
}
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("of many questions one is under way and only the newest follows", async () => {
  const { open, log, asker } = asked();
  for (const question of [1, 2, 3, 4]) asker.ask(question);
  expect(open.map(({ question }) => question)).toEqual([1]);
  open[0]?.answer("a");
  await settled();
  expect(open.map(({ question }) => question)).toEqual([1, 4]);
  open[1]?.answer("d");
  await settled();
  expect(log).toEqual(["1: a", "4: d"]);
  asker.ask(5); // after a rest
  expect(open.map(({ question }) => question)).toEqual([1, 4, 5]);
});

test("one that fails is told, and the next is asked", async () => {
  const { open, log, asker } = asked();
  asker.ask(1);
  asker.ask(2);
  open[0]?.fail(new Error("no"));
  await settled();
  open[1]?.answer("b");
  await settled();
  expect(log).toEqual(["1 failed: Error: no", "2: b"]);
});

test("once closed nothing is told of what was under way, and nothing more is asked", async () => {
  const { open, log, asker } = asked();
  asker.ask(1);
  asker.ask(2);
  asker.close();
  open[0]?.answer("late");
  await settled();
  asker.ask(3);
  await settled();
  expect([log, open.length]).toEqual([[], 1]);
});
