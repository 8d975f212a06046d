import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import type { JobStanding } from "../../../preload/contract/job.ts";
import { type Run, RunPhase } from "../../../preload/contract/run.ts";
import type { OpenLibrary } from "../open-library.ts";
import { openLibrary } from "../open-library.ts";
import { inFolder, newRun } from "../testing.ts";

const gonePid = (): number => spawnSync(process.execPath, ["-e", ""]).pid;
const run = (id: string, change: Partial<Run>): Run => ({ ...newRun(id), ...change });

test("after a kill what was under way is interrupted, what waited waits in its order, and a living line is left alone", () =>
  inFolder((folder) => {
    const path = join(folder, "jobs.kodo");
    const dead = openLibrary(path, { owner: { pid: gonePid(), started: "", host: hostname() } });
    dead.saveRun(run("trains", { phase: "training" }), "a");
    for (const id of ["b", "c"]) dead.saveRun(run(id, { phase: "waiting" }));
    dead.saveRun(run("rests", { phase: "paused" }));
    const job = { id: "import", kind: "import", place: "here", idempotencyKey: "k" } as const;
    expect(dead.queueJob(job)).toMatchObject({ isNew: true, job: { state: "waiting", attempt: 1 } });
    dead.changeJob("import", { state: "running", progress: 0.4 });
    expect(dead.queueJob({ ...job, id: "another" })).toMatchObject({ isNew: false, job: { id: "import" } });
    dead.close(); // as a kill would: nobody said how it ended

    const library = openLibrary(path);
    expect(library.listJobs().map(({ id, state, progress }) => [id, state, progress])).toEqual([
      ["trains", "interrupted", 0],
      ["b", "waiting", 0],
      ["c", "waiting", 0],
      ["rests", "paused", 0],
      ["import", "interrupted", 0.4],
    ]);
    expect(library.getRun("trains")).toMatchObject({
      phase: "failed",
      error: { code: "internal/interrupted" },
    });
    expect(library.takeWaitingRuns()).toEqual(["b", "c"]);
    const other = openLibrary(path, { owner: { pid: process.ppid, started: "", host: hostname() } });
    expect(other.takeWaitingRuns()).toEqual([]); // they are in the line of this living process

    library.saveRun(run("trains", { phase: "waiting" }));
    expect(library.findJob("a")).toMatchObject({ id: "trains", state: "waiting", attempt: 2 });
    expect(library.listJobs().at(-1)?.id).toBe("trains"); // at the end of the line
    const again = library.queueJob({ ...job, id: "another" });
    expect(again).toMatchObject({ isNew: true, job: { id: "import", attempt: 2, progress: 0 } });
    expect(library.findJob("k")).toEqual(again.job);
    library.changeJob("import", { state: "done", progress: 1 });
    expect(library.queueJob(job).isNew).toBe(false);
    library.forgetJob("import");
    library.forgetJob("b"); // of a run: it goes with its run
    library.purgeRuns(["c"]);
    expect(library.listJobs().map(({ id }) => id)).toEqual(["b", "rests", "trains"]);
    expect(library.checkIntegrity()).toEqual([]);
    other.close();
    library.close();
  }));

test("the job of a run stands as the run does, and one that waits may be taken alone", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "jobs.kodo"));
    const standing = (change: Partial<Run>): string | undefined => {
      library.saveRun(run("a", change));
      return library.findJob("a")?.state;
    };
    expect(RunPhase.options.filter((phase) => standing({ phase }) === "running")).toEqual([
      ...["reading", "engine", "training", "supervised-only", "calibrating", "evaluating"],
    ]);
    for (const phase of ["waiting", "paused", "done", "failed", "cancelled"] as const)
      expect(standing({ phase })).toBe(phase);
    const error = { code: "internal/interrupted", message: "Its process ended" };
    expect(standing({ phase: "failed", error })).toBe("interrupted");
    for (const id of ["b", "c"]) library.saveRun(run(id, { phase: "waiting" }));
    expect(library.takeWaitingRuns("c")).toEqual(["c"]);
    expect(library.takeWaitingRuns("nobody")).toEqual([]);
    library.close();
  }));

test("a run that another process trains is not purged beneath it; once that is gone, it has failed and can be", () =>
  inFolder((folder) => {
    const path = join(folder, "jobs.kodo");
    const library = openLibrary(path);
    const other = (pid: number) => openLibrary(path, { owner: { pid, started: "", host: hostname() } });
    const alive = other(process.ppid);
    alive.saveRun(run("theirs", { phase: "training" }));
    expect(() => library.purgeRuns(["theirs"])).toThrow("under way in another process");
    alive.saveRun(run("theirs", { phase: "paused" }));
    expect(library.purgeRuns(["theirs"]).count).toBe(1);
    alive.close();
    const gone = other(gonePid());
    gone.saveRun(run("left", { phase: "training" }));
    gone.close();
    expect(library.takeWaitingRuns()).toEqual([]);
    expect(library.getRun("left")).toMatchObject({
      phase: "failed",
      error: { code: "internal/interrupted" },
    });
    expect(library.purgeRuns(["left"]).count).toBe(1);
    library.close();
  }));

test("a key stands for one thing that is asked; another is refused in words and changes nothing", () =>
  inFolder((folder) => {
    const library = openLibrary(join(folder, "jobs.kodo"));
    const job = { id: "import", kind: "import", place: "here", idempotencyKey: "k" } as const;
    library.queueJob(job);
    library.saveRun(run("first", { phase: "failed" }), "asked");
    const refused = expect.objectContaining({ code: "storage/asked-before" }) as Error;
    const before = library.listJobs();
    expect(() => library.saveRun(run("second", { phase: "waiting" }), "asked")).toThrow(refused);
    expect(() => library.saveRun(run("second", { phase: "waiting" }), "k")).toThrow(refused);
    expect(() => library.queueJob({ ...job, id: "export", kind: "export" })).toThrow(refused);
    expect(() => library.queueJob({ ...job, idempotencyKey: "asked" })).toThrow(refused); // not begun anew in its place
    expect(library.listJobs()).toEqual(before);
    expect(library.listRuns().map(({ id }) => id)).toEqual(["first"]);
    library.queueJob({ ...job, id: "other", idempotencyKey: "first" }); // the id of a run, and no key of it
    library.saveRun(run("first", { phase: "waiting" }));
    expect(library.findJob("asked")).toMatchObject({ id: "first", state: "waiting", attempt: 2 });
    library.close();
  }));

test("jobs that ended are kept for a month and no more than two hundred of them; runs and the interrupted stay", () =>
  inFolder((folder) => {
    let day = 0;
    const path = join(folder, "jobs.kodo");
    const now = () => new Date(Date.UTC(2026, 0, 1 + day));
    const ask = (library: OpenLibrary, id: string, state: JobStanding): void => {
      library.queueJob({ id, kind: "import", place: "here", idempotencyKey: id });
      if (state !== "waiting") library.changeJob(id, { state, progress: 1 });
    };
    const dead = openLibrary(path, { now, owner: { pid: gonePid(), started: "", host: hostname() } });
    ask(dead, "cut off", "running");
    dead.close();
    const library = openLibrary(path, { now });
    const kept = (): readonly string[] => library.listJobs().map(({ id }) => id);
    library.saveRun(run("trained", { phase: "done" }));
    ask(library, "old", "done");
    day = 29;
    ask(library, "newer", "failed");
    ask(library, "waits", "waiting");
    expect(kept()).toEqual(["cut off", "trained", "old", "newer", "waits"]);
    day = 31;
    ask(library, "next", "done");
    expect(kept()).toEqual(["cut off", "trained", "newer", "waits", "next"]);
    for (let i = 0; i < 210; i += 1) ask(library, `many ${i}`, "done");
    const last = kept();
    expect(last.slice(0, 3)).toEqual(["cut off", "trained", "waits"]);
    expect(last.slice(3)).toEqual(Array.from({ length: 201 }, (_, i) => `many ${i + 9}`));
    expect(library.checkIntegrity()).toEqual([]);
    library.close();
  }));

test("a job whose row is damaged is left out, and does not hide the others", () =>
  inFolder((folder) => {
    const path = join(folder, "jobs.kodo");
    const library = openLibrary(path);
    for (const id of ["a", "b"]) library.queueJob({ id, kind: "import", place: "here", idempotencyKey: id });
    const raw = new Sqlite(path);
    raw.pragma("ignore_check_constraints = ON");
    raw.exec("UPDATE job SET state = 'wa\u0001ting' WHERE id = 'a'");
    raw.close();
    expect(library.listJobs().map(({ id }) => id)).toEqual(["b"]);
    expect(library.findJob("a")).toBeUndefined();
    library.close();
  }));

test("a study that others do is followed by the next process, one that was done here is interrupted, and both keep what was asked", () =>
  inFolder((folder) => {
    const path = join(folder, "jobs.kodo");
    const dead = openLibrary(path, { owner: { pid: gonePid(), started: "", host: hostname() } });
    const order = { kind: "predict", runId: "r", adaptation: "none" } as const;
    const asked = { order, name: "R", ids: ["a", "b"], known: 1, again: false };
    const job = (id: string, place: string) =>
      ({ id, kind: "predict", place, idempotencyKey: id, asked }) as const;
    for (const one of [job("here", "here"), job("there", "db/kodo"), job("over", "db/kodo")])
      dead.queueJob(one);
    dead.changeJob("here", { state: "running", progress: 0.5 });
    dead.keepStudyWork("there", "w");
    dead.changeJob("over", { state: "done", progress: 1 });
    expect(dead.studyAsked("over")).toBeUndefined(); // nobody needs it any more
    dead.close();

    const library = openLibrary(path);
    expect(library.listJobs().map(({ id, state }) => [id, state])).toEqual([
      ["here", "interrupted"],
      ["there", "waiting"],
      ["over", "done"],
    ]);
    expect(library.takeStudies().map(({ id }) => id)).toEqual(["there"]);
    expect(library.takeStudies()).toHaveLength(1); // it is ours
    const other = openLibrary(path, { owner: { pid: process.ppid, started: "", host: hostname() } });
    expect(other.takeStudies()).toEqual([]);
    expect(library.studyAsked("there")).toEqual({ ...asked, work: "w" });
    expect(library.studyAsked("here")).toEqual(asked);
    const raw = new Sqlite(path);
    raw.exec("UPDATE job SET asked = '{}' WHERE id = 'here'");
    raw.pragma("ignore_check_constraints = ON");
    raw.exec("UPDATE job SET attempt = 0 WHERE id = 'there'");
    raw.close();
    expect(library.studyAsked("here")).toBeUndefined();
    expect(library.takeStudies()).toEqual([]); // one whose row is damaged
    const rest = { ...asked, ids: ["b"] };
    library.queueJob({ ...job("here", "here"), asked: rest });
    expect(library.studyAsked("here")).toEqual(rest); // what is still to be done
    other.close();
    library.close();
  }));
