import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { quitInOrder, STOP_MS, WINDOWS_MS } from "./quitting.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** An application whose windows close or do not, and what was done to it. */
function started(stop: (() => Promise<void>) | undefined, ask?: () => Promise<boolean>) {
  let question = ask;
  const done: string[] = [];
  let quit: (event: { preventDefault(): void }) => void = () => undefined;
  const press = (): void => {
    let isHeld = false;
    quit({ preventDefault: () => (isHeld = true) });
    done.push(isHeld ? "held" : "let go");
  };
  quitInOrder({
    app: {
      on: (_name, listener) => (quit = listener),
      quit: press,
      exit: (code) => done.push(`exit ${code}`),
    },
    running: () => stop,
    question: () => question,
    failed: (error) => done.push(String(error)),
    stopped: (isWhole) => done.push(isWhole ? "stopped" : "overdue"),
  });
  return { press, done, askNothing: () => (question = undefined) };
}

test("quitting waits until everything has stopped, however often it is asked for", async () => {
  let end: () => void = () => undefined;
  const { press, done } = started(() => new Promise((resolve) => (end = resolve)));
  press();
  press();
  expect(done).toEqual(["held", "held"]);
  end();
  await vi.advanceTimersByTimeAsync(0);
  expect(done.slice(2)).toEqual(["stopped", "let go"]);
});

test("what never ends does not keep the application", async () => {
  const { press, done } = started(() => new Promise(() => undefined));
  press();
  await vi.advanceTimersByTimeAsync(STOP_MS - 1);
  expect(done).toEqual(["held"]);
  await vi.advanceTimersByTimeAsync(1);
  expect(done).toEqual(["held", "overdue", "exit 0"]);
});

test("a window that does not close does not keep it either, nor does a stop that fails", async () => {
  const { press, done } = started(() => Promise.reject(new Error("no disk")));
  press();
  await vi.advanceTimersByTimeAsync(WINDOWS_MS);
  expect(done).toEqual(["held", "Error: no disk", "stopped", "let go", "exit 0"]);
});

test("before anything runs there is nothing to wait for", () => {
  const { press, done } = started(undefined);
  press();
  expect(done).toEqual(["let go"]);
});

test("a recording under way is asked about once, and kept where the answer says so", async () => {
  let answer: (mayStop: boolean) => void = () => undefined;
  const { press, done } = started(
    () => Promise.resolve(),
    () => new Promise((resolve) => (answer = resolve)),
  );
  press();
  press(); // while it is asked
  answer(false);
  await vi.advanceTimersByTimeAsync(2 * STOP_MS);
  expect(done).toEqual(["held", "held"]);
  press();
  answer(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(done.slice(2)).toEqual(["held", "stopped", "let go"]);
});

test("a question that cannot be asked keeps nobody from quitting", async () => {
  const { press, done } = started(
    () => Promise.resolve(),
    () => Promise.reject(new Error("no dialog")),
  );
  press();
  await vi.advanceTimersByTimeAsync(WINDOWS_MS);
  expect(done).toEqual(["held", "Error: no dialog", "stopped", "let go", "exit 0"]);
});

test("who is told to end while the question stands ends, and an answer that comes later changes nothing", async () => {
  let answer: (mayStop: boolean) => void = () => undefined;
  let stops = 0;
  const { press, done, askNothing } = started(
    () => Promise.resolve(void (stops += 1)),
    () => new Promise((resolve) => (answer = resolve)),
  );
  press();
  press();
  expect(done).toEqual(["held", "held"]);
  askNothing(); // the system shuts down
  press();
  answer(false);
  await vi.advanceTimersByTimeAsync(0);
  expect(done.slice(2)).toEqual(["held", "stopped", "let go"]);
  expect(stops).toBe(1);
});
