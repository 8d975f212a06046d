import { app, dialog, nativeTheme } from "electron";
import type { FileFilter } from "electron";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { comparisonCsv } from "../../preload/contract/comparison.ts";
import type { EventName, EventPayload, Handlers } from "../../preload/contract/channels.ts";
import type { JobProgress } from "../../preload/contract/exchange.ts";
import type { RecorderState } from "../../preload/contract/acquisition.ts";
import { reportOf } from "../../preload/contract/errors.ts";
import { defaultSettings } from "../../preload/contract/settings.ts";
import type { Settings } from "../../preload/contract/settings.ts";
import { referenceIn } from "../service/reference-file.ts";
import type { Service, WindowRequest } from "../service/service.ts";
import { VERSION } from "../service/version.ts";
import type { StartArguments } from "./arguments.ts";
import type { AppLog } from "./log.ts";
import { checkCertificate, ClusterSettings } from "./cluster-settings.ts";
import { Front } from "./front.ts";
import { systemKeyring } from "./keyring.ts";
import { askBeforeLeaving } from "./leaving.ts";
import { installMenu } from "./menu.ts";
import { systemSigns } from "./recording-signs.ts";
import { RecordingWatch } from "./recording-watch.ts";
import { recordingWords, type Spoken } from "./recording-words.ts";

export interface ApplicationOptions {
  readonly arguments: StartArguments;
  /** Folder of the built main process; preload and renderer lie beside it. */
  readonly folder: string;
  readonly userData: string;
  readonly log: AppLog;
  /** The library, on its way. */
  readonly opening: Promise<Service>;
}

/** By then the first page is about drawn; later, and the models page would wait for it where somebody turns to it at once. */
const WARM_UP_MS = 600;

/** The running application: library, window, menu. `stop` undoes `start` in reverse order. */
export class Application {
  readonly #options: ApplicationOptions;
  readonly #service: Service;
  readonly #openAtStart: string[] = [];
  readonly #front: Front;
  readonly #watch: RecordingWatch;
  readonly #cluster: ClusterSettings;
  #closers: (() => void)[] = [];
  #settings: Settings = defaultSettings;
  #isRecording = false;
  #isEnding = false; // nothing is asked any more
  #isAsking = false;

  private constructor(options: ApplicationOptions, front: Front, service: Service) {
    this.#options = options;
    this.#front = front;
    this.#service = service;
    const signs = systemSigns({
      words: () => recordingWords(this.#language()),
      window: () => front.window,
      open: () => front.openWindow(),
      silence: () => this.#watch.silence(),
    });
    this.#watch = new RecordingWatch({
      signs,
      language: () => this.#language(),
      mayBeep: () => this.#settings.recorderSound && (process.env.KODO_QUIET ?? "") === "",
      failed: (error) => options.log.error("sign of a recording", error),
    });
    this.#cluster = new ClusterSettings({
      path: join(options.userData, "cluster.json"),
      keyring: systemKeyring,
      link: service.cluster,
      changed: (state) => front.tell("cluster.changed", state),
      failed: (error) => options.log.error("cluster", error),
    });
  }

  static async start(options: ApplicationOptions): Promise<Application> {
    const front = new Front(options);
    const application = new Application(options, front, await options.opening);
    await application.#open();
    return application;
  }

  async #open(): Promise<void> {
    const { arguments: given } = this.#options;
    const settings = await this.#service.library.getSettings();
    this.#adopt(settings);
    this.#closers.push(
      () => this.#front.shut(),
      this.#service.on((name, payload) => this.#front.tell(name, payload)),
      this.#on("settings.changed", (settings) => this.#adopt(settings)),
      this.#on("recorder.changed", (state) => this.#recorderChanged(state)),
      () => this.#watch.end(),
    );
    this.#front.serve({
      handlers: { ...this.#service.handlers, ...this.#windowHandlers() },
      granted: () => (this.#cluster.file === undefined ? [] : [this.#cluster.file]),
      mayClose: () => this.#mayClose(),
      isRecording: () => this.#isRecording,
      sessionEnds: () => this.endWithoutAsking(),
    });
    this.#warmUp();
    await this.#cluster.start();
    this.#takeUp();
    if (given.files.length > 0) this.#importAtStart(given.files);
  }

  #on<N extends EventName>(name: N, listener: (payload: EventPayload<N>) => void): () => void {
    return this.#service.on((said, payload) => {
      if (Object.is(said, name)) listener(payload as never); // of that name
    });
  }

  openWindow(): void {
    this.#front.openWindow();
  }

  get isRecording(): boolean {
    return this.#isRecording;
  }

  /** Whether the program may end: a person is asked while a recording is under way. Undefined where there is nothing to ask. */
  get question(): (() => Promise<boolean>) | undefined {
    return this.#isRecording && !this.#isEnding ? async () => (await this.#ask("end")) === "stop" : undefined;
  }

  /** Nobody may be there to answer: the system shuts down, or the process was told to end. */
  endWithoutAsking(): void {
    this.#isEnding = true;
    app.quit();
  }

  /** An exception in main, which a recording under way outlives. */
  tellFault(): void {
    this.#watch.fault();
  }

  #recorderChanged(state: RecorderState): void {
    const wasRecording = this.#isRecording;
    this.#isRecording = state.phase === "recording";
    this.#watch.take(state);
    const hasWindow = this.#front.window !== undefined;
    if (wasRecording && !this.#isRecording && !hasWindow && !this.#isEnding) this.openWindow(); // nobody would see what became of it
  }

  #mayClose(): boolean {
    if (!this.#isRecording || this.#isEnding) return true;
    this.#askBeforeClosing().catch((error: unknown) => this.#options.log.error("close", error));
    return false;
  }

  async #askBeforeClosing(): Promise<void> {
    const answer = await this.#ask("close");
    if (answer === "keep") this.#front.window?.destroy();
    if (answer !== "stop") return;
    try {
      await this.#service.acquisition.stop();
    } catch (error) {
      this.#options.log.error("stop recording", error);
      dialog.showErrorBox(recordingWords(this.#language()).notStopped, reportOf(error).message);
      return;
    }
    this.#front.window?.close();
  }

  /** One question at a time; a second one while the first stands changes nothing. */
  async #ask(what: "close" | "end"): ReturnType<typeof askBeforeLeaving> {
    if (this.#isAsking) return "stay";
    this.#isAsking = true;
    try {
      return await askBeforeLeaving(what, this.#language(), this.#front.window);
    } finally {
      this.#isAsking = false;
    }
  }

  /** The process that trains takes half a second of a core to start: it does once the first page is drawn, not when it is asked for. */
  #warmUp(): void {
    const timer = setTimeout(() => {
      this.#service.beginTrainer().catch((error: unknown) => this.#options.log.error("trainer", error));
    }, WARM_UP_MS);
    this.#closers.push(() => clearTimeout(timer));
  }

  /** Runs that waited when the program ended last go on waiting, now in this one's line; studies that others do are followed. */
  #takeUp(): void {
    this.#service.runs.takeUp().catch((error: unknown) => this.#options.log.error("runs", error));
    this.#service.studies.takeUp().catch((error: unknown) => this.#options.log.error("studies", error));
  }

  /** Imports files a second start was given, and opens the first recording once it is in. */
  async importAndOpen(files: readonly string[]): Promise<void> {
    this.openWindow();
    if (files.length === 0) return;
    this.#front.grants.read(files);
    const { jobId } = await this.#service.handlers["import.start"]({ paths: [...files], options: {} });
    const job = await this.#service.exchange.finished(jobId);
    const [first] = recordingsOf(job);
    if (first !== undefined) this.#front.tell("open.recording", { id: first });
  }

  /** Everything under way is cancelled and cleaned up, then the library closes. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    for (const close of this.#closers.reverse()) close();
    this.#closers = [];
    await this.#service.close();
    this.#front.close();
  }

  /** The files of `npm start -- FILE...`: a window that asks before they are in is told when they are. */
  #importAtStart(files: readonly string[]): void {
    const { exchange } = this.#service;
    this.#front.grants.read(files);
    void exchange.finished(exchange.startImport(files, {})).then((job) => {
      const ids = recordingsOf(job);
      this.#openAtStart.push(...ids);
      if (ids[0] !== undefined) this.#front.tell("open.recording", { id: ids[0] });
    });
  }

  #language(): Spoken {
    const { language } = this.#settings;
    return language === "system" ? (app.getLocale().startsWith("ja") ? "ja" : "en") : language;
  }

  #adopt(settings: Settings): void {
    this.#settings = settings;
    nativeTheme.themeSource = settings.theme;
    installMenu({
      language: this.#language(),
      isMac: process.platform === "darwin",
      send: (command) => this.#front.tell("menu.command", { command }),
    });
  }

  #windowHandlers(): Pick<Handlers, WindowRequest> {
    const { library } = this.#service;
    return {
      "app.info": async () => {
        const { path, schema, readOnly } = await library.info();
        const platform = process.platform;
        return {
          version: VERSION,
          electron: process.versions.electron,
          library: path,
          schema,
          locale: app.getLocale(),
          platform,
          openAtStart: [...this.#openAtStart],
          readOnly,
        };
      },
      ...this.#cluster.handlers,
      "cluster.chooseCertificate": async () => {
        const extensions = ["pem", "crt", "cer"];
        const [file] = await this.#chooseFiles(["openFile"], [{ name: "PEM", extensions }]);
        if (file !== undefined) await checkCertificate(file);
        return file ?? null;
      },
      "recorder.silence": () => this.#watch.silence(),
      "import.choose": () => this.#chooseFiles(["openFile", "multiSelections"]),
      "export.chooseDirectory": async () => {
        const [folder] = (await this.#choose(["openDirectory", "createDirectory"])) ?? [];
        if (folder !== undefined) this.#front.grants.writeInto(folder);
        return folder ?? null;
      },
      "models.choose": async () =>
        (await this.#chooseFiles(["openFile"], [{ name: "ONNX", extensions: ["onnx"] }]))[0] ?? null,
      "ctg.chooseReference": async () => {
        const filters = [{ name: "CSV", extensions: ["csv", "tsv", "txt"] }];
        const [file] = await this.#chooseFiles(["openFile"], filters);
        return file === undefined ? null : referenceIn(file);
      },
      "library.backup": async () => {
        const day = new Date().toISOString().slice(0, 10);
        const path = await this.#chooseNew(`kodo-backup-${day}.kodo`);
        return path === undefined ? null : this.#service.care.backUp(path, { replace: true }); // the dialog has asked
      },
      "capture.start": async ({ port, line }) => {
        const time = new Date().toISOString().slice(0, 16).replaceAll(/[:T]/g, "-");
        const path = await this.#chooseNew(`line-${time}.kodocapture`);
        return path === undefined ? null : this.#service.acquisition.capture({ port, line, path });
      },
      "runs.saveRecord": async ({ id }) => {
        const run = await this.#service.handlers["runs.get"]({ id });
        const path = await this.#chooseNew(`${fileNameOf(run.config.name)}.json`);
        if (path === undefined) return null;
        await writeFile(path, `${JSON.stringify(run, null, 2)}\n`);
        return { path };
      },
      "comparisons.saveTable": async ({ runIds }) => {
        const comparison = await this.#service.handlers["comparisons.report"]({ runIds });
        const path = await this.#chooseNew("comparison.csv");
        if (path === undefined) return null;
        await writeFile(path, comparisonCsv(comparison));
        return { path };
      },
    };
  }

  /** Where the system's dialog says a new file goes; it asks before it replaces one. */
  async #chooseNew(defaultPath: string): Promise<string | undefined> {
    const options = { defaultPath };
    const { window } = this.#front;
    const { canceled, filePath } =
      window === undefined
        ? await dialog.showSaveDialog(options)
        : await dialog.showSaveDialog(window, options);
    return canceled ? undefined : filePath;
  }

  /** Files that a person chose: the page may name them from now on. */
  async #chooseFiles(properties: Properties, filters?: FileFilter[]): Promise<string[]> {
    const paths = (await this.#choose(properties, filters)) ?? [];
    this.#front.grants.read(paths);
    return paths;
  }

  async #choose(properties: Properties, filters: FileFilter[] = []): Promise<string[] | undefined> {
    const options = { properties, filters };
    const { window } = this.#front;
    const { canceled, filePaths } =
      window === undefined
        ? await dialog.showOpenDialog(options)
        : await dialog.showOpenDialog(window, options);
    return canceled ? undefined : filePaths;
  }
}

type Properties = ("openFile" | "multiSelections" | "openDirectory" | "createDirectory")[];

/** A name without what a file's name may not have. */
const fileNameOf = (name: string): string => name.replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, " ").trim() || "run";

/** Recordings a finished job brought in, and for files the library had already, those it had. */
const recordingsOf = ({ files }: JobProgress): string[] => files.flatMap(({ recordingIds }) => recordingIds);
