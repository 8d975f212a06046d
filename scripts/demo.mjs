// npm start -- --demo: the main job through the real interface, on a synthetic study that Kodo generates itself.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launch, idle } from "../e2e/fixtures/app.ts";
import {
  at,
  changeSettings,
  eventLabels,
  goTo,
  jobsDone,
  labelByKeyboard,
  openReview,
  predict,
  recordingNames,
  train,
} from "../e2e/pages/kodo.ts";
import { testIds } from "../renderer/ui/test-ids.ts";
import { projectFolder } from "./runtime/build.mjs";
import { say } from "./runtime/say.mjs";

const started = Date.now();
const target = join(projectFolder, "demo-output");
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
const screenshots = [];
let opened;

async function picture(window, name) {
  await idle(window);
  const file = `${name}.png`;
  await window.screenshot({ path: join(target, file) });
  screenshots.push(file);
}

const request = async (window, name, params) => {
  const outcome = await window.evaluate(([n, p]) => globalThis.api.request(n, p), [name, params]);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.error.code} ${outcome.error.message}`);
  return outcome.value;
};

async function story() {
  opened = await launch(join(target, "library.kodo"));
  const { app, window } = opened;
  await picture(window, "01-empty-library");

  say("importing the synthetic study");
  await at(window, testIds.openSample).first().click();
  await jobsDone(window);
  await picture(window, "02-library");
  const recordings = (await request(window, "recordings.page", {})).rows;
  const names = await recordingNames(window);
  if (names.length === 0) throw new Error("the synthetic study was not imported");

  say("reviewing and labelling a cardiotocogram");
  const ctg = recordings.find(({ kind }) => kind === "ctg");
  await openReview(window, ctg.name);
  await picture(window, "03-review-ctg");
  const before = (await eventLabels(window)).length;
  await labelByKeyboard(window, "d", 8);
  const labelled = (await eventLabels(window)).length - before;
  await picture(window, "04-label-ctg");

  say("training on the bracelet recordings, labelled and unlabelled together");
  await app.evaluate(() => globalThis.kodoVitals?.reset());
  const result = await train(window, 15 * 60_000);
  const mainLoopHeldUpMs = await app.evaluate(() => globalThis.kodoVitals?.maxBlockMs());
  await picture(window, "05-results");
  const run = await request(window, "runs.get", { id: result.run });

  say("predicting a person the model never saw");
  const testSubject = run.config.split.testSubjects[0];
  const unseen = recordings.find(({ kind, subject }) => kind === "emg" && subject === testSubject);
  await openReview(window, unseen.name);
  await predict(window);
  await picture(window, "06-prediction");
  await window.getByTestId("open-layers").click();
  await at(window, testIds.layerRow).first().waitFor({ timeout: 120_000 });
  await picture(window, "07-layers");
  await goTo(window, "models");
  await picture(window, "08-models");
  await changeSettings(window, { language: "ja", theme: "dark" });
  await openReview(window, ctg.name);
  await picture(window, "09-review-ctg-dark-ja");
  await changeSettings(window, { language: "system", theme: "system" });

  const { metrics } = run;
  return {
    ok: true,
    electron: await app.evaluate(() => process.versions.electron),
    recordings: recordings.length,
    synthetic: true,
    labelledByHand: labelled,
    windows: {
      labelled: run.windows.labelled,
      unlabelled: run.windows.unlabelled,
      unassessable: run.windows.unassessable,
    },
    model: `identity-initialised network, Gaussian-coupled softmax, ${run.config.model.members} members`,
    engine: run.engine,
    test: {
      subjects: metrics.test.subjects,
      windows: metrics.test.windows,
      accuracy: metrics.test.accuracy,
      nll: metrics.test.nll,
      brier: metrics.test.brier,
      ece: metrics.test.ece,
      ldaAccuracy: metrics.lda.accuracy,
      supervisedOnlyAccuracy: metrics.supervisedOnly.accuracy,
      ...(metrics.transductive ? { transductiveBalancedAccuracy: metrics.transductive.accuracy } : {}),
    },
    mainLoopHeldUpMs,
  };
}

let report;
try {
  report = await story();
} catch (error) {
  report = { ok: false, error: String(error?.message ?? error) };
  await opened?.window.screenshot({ path: join(target, "failed.png") }).then(
    () => screenshots.push("failed.png"),
    () => undefined,
  );
}
const result = { ...report, screenshots, seconds: Math.round((Date.now() - started) / 100) / 10 };
writeFileSync(join(target, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));
say(
  result.ok
    ? `done in ${result.seconds} s; pictures and result.json are in demo-output/`
    : `the demonstration failed: ${result.error}`,
);

// Where a person is looking the window stays; on a virtual display nobody could close it.
const isVirtual = process.env.KODO_VIRTUAL_DISPLAY === "1";
if (opened && result.ok && !isVirtual) await new Promise((closed) => opened.app.on("close", closed));
else await opened?.app.close().catch(() => undefined);
process.exit(result.ok ? 0 : 1);
