import { expect, test } from "vitest";
import type { RunThere } from "../../../preload/contract/cluster.ts";
import type { RunProgress } from "../../../preload/contract/run.ts";
import { drawn, standing, textIn } from "../../fake/drawn.tsx";
import { createFakeApi, type FakeOptions } from "../../fake/fake.ts";
import { rightsOf } from "./run-actions.ts";
import { RunThereFacts } from "./run-there.tsx";
import { useTrain } from "./draft-store.ts";
import { whereWords } from "./where-words.ts";
import { placeWords } from "../../ui/where-words.ts";
import { WherePanel } from "./where-panel.tsx";

const words = whereWords.en;
const panel = (options: FakeOptions, how: { canCross: boolean; isCrossed: boolean }): Promise<string> =>
  drawn(
    <WherePanel {...how} />,
    createFakeApi(1, options),
    [
      ["cluster.state", {}],
      ["cluster.standing", {}],
    ],
    [standing(useTrain, { where: "there" })],
  );

test("where no cluster is connected nothing is offered", async () => {
  expect(textIn(await panel({}, { canCross: true, isCrossed: true }))).not.toContain(words.where);
});

test("workers of this version are told apart from others, with what waits before it", async () => {
  const html = await panel({ cluster: "connected" }, { canCross: true, isCrossed: true });
  expect(textIn(html)).toContain("2 workers of this version, 16 at a time, 2 of them busy");
  expect(textIn(html)).toContain("1 worker of another version");
  expect(textIn(html)).toContain("3 jobs wait before it");
  expect(textIn(html)).not.toContain(words.needsFolds);
});

test("what cannot be shared out says why; a lost cluster is a sentence, not an alarm", async () => {
  const whole = await panel({ cluster: "connected" }, { canCross: true, isCrossed: false });
  expect(textIn(whole)).toContain(words.needsFolds);
  const sequences = await panel({ cluster: "connected" }, { canCross: false, isCrossed: false });
  expect(textIn(sequences)).toContain(words.noFolds);
  expect(sequences).toContain('data-where="here"');
  const lost = await panel({ cluster: "lost" }, { canCross: true, isCrossed: true });
  expect(textIn(lost)).toContain(placeWords.en.lost);
  expect(lost).not.toContain('role="alert"');
});

const facts = async (there: RunThere | undefined): Promise<string> => {
  const progress = { fits: { done: 2, of: 6 }, there } as RunProgress;
  const given = there === undefined ? undefined : progress;
  return textIn(
    await drawn(<RunThereFacts place="db.example.org/kodo" progress={given} />, createFakeApi(), []),
  );
};

test("a run that others do says how far it is, its last word, and that Kodo may be closed", async () => {
  const heardAt = "2026-11-24T09:58:00Z";
  const going = await facts({ heardAt, waiting: 3, active: 1 });
  for (const said of [
    "Done at db.example.org/kodo",
    "2 of 6 fits done",
    "1 under way, 3 waiting",
    "Last word at",
  ])
    expect(going).toContain(said);
  expect(going).toContain(words.mayClose);
  const lost = { code: "device/cluster-lost", message: "db cannot be reached: ECONNREFUSED", detail: {} };
  const gone = await facts({ heardAt, waiting: 3, active: 1, lost, retryAt: "2026-11-24T10:01:00Z" });
  expect(gone).toMatch(
    /Nothing is heard of the cluster since .*What was done there is kept; it is asked again at/,
  );
  expect(gone).toContain("db cannot be reached");
  expect(gone).not.toContain("under way");
  expect(await facts({ waiting: 0, active: 0, handing: { done: 3, of: 24 } })).toContain("3 of 24");
  expect(await facts(undefined)).toContain(words.handed);
});

test("workers elsewhere do not pause; what they finished can always be gone on from", () => {
  const run = { phase: "training", hasCheckpoint: false, place: "db.example.org/kodo" } as const;
  expect(rightsOf(run)).toMatchObject({ canPause: false, canStop: true });
  expect(rightsOf({ ...run, phase: "cancelled" })).toMatchObject({ canGoOn: true });
  expect(rightsOf({ ...run, phase: "done" })).toMatchObject({ canGoOn: false });
});
