import type { LabelSet } from "../../../preload/contract/label-set.ts";
import type { LogEntry } from "../../../preload/contract/settings.ts";
import { clock, length } from "../../ui/format.ts";
import { inLanguage, translate, type KeyOf, type Language, type Values } from "../../ui/words.ts";
import { logWords } from "./log-words.ts";

type Key = KeyOf<typeof logWords>;

/** What things in the log are called now. What is in none of these was deleted for good. */
export interface LogNames {
  readonly recordings: ReadonlyMap<string, string>;
  readonly runs: ReadonlyMap<string, string>;
  readonly labelSets: readonly LabelSet[];
}

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null;
const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";
const numberOf = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

function detailOf({ detail }: LogEntry): Fields {
  try {
    const parsed: unknown = JSON.parse(detail);
    return isFields(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** Actors that are no person. */
const programs = new Set(["library", "kodo", "import"]);

/** Says an entry of the log in a sentence. A kind nobody worded is said plainly, never as it is stored. */
export function logSentence(entry: LogEntry, names: LogNames, language: Language): string {
  const t = translate(logWords, language);
  const detail = detailOf(entry);
  const who = programs.has(entry.actor) ? "Kodo" : entry.actor.trim() === "" ? t("somebody") : entry.actor;
  const recordingName = names.recordings.get(entry.subject);
  const runName = names.runs.get(entry.subject);
  const told: Values = {
    who,
    recording: recordingName === undefined ? t("goneRecording") : t("recording", { name: recordingName }),
    run: runName === undefined ? t("goneRun") : t("run", { name: runName }),
    action: entry.action,
  };
  const isKnown = recordingName !== undefined || runName !== undefined;
  const [key, values] = wordsFor(entry, detail, { names, language, isKnown });
  return t(key, { ...told, ...values });
}

interface About {
  readonly names: LogNames;
  readonly language: Language;
  readonly isKnown: boolean; // of a deleted recording no name, old or new, is said
}

function wordsFor(entry: LogEntry, detail: Fields, about: About): readonly [Key, Values?] {
  const { action } = entry;
  if (/^(annotation|mask|reading|context)\./.test(action)) return editWords(action, detail, about);
  switch (action) {
    case "recording.create":
      return detail["state"] === "recording"
        ? ["recording.create.live"]
        : about.isKnown && textOf(detail["file"]) === ""
          ? ["recording.create.named"] // entries name no file any more
          : ["recording.create", { file: about.isKnown ? textOf(detail["file"]) : fileless(about.language) }];
    case "recording.close": {
      const repairs = numberOf(detail["repairs"]);
      if (detail["state"] === "interrupted") return ["recording.close.interrupted"];
      return repairs > 0 ? ["recording.close.repaired", { count: repairs }] : ["recording.close"];
    }
    case "recording.change":
    case "run.change":
      return changeWords(action, detail, about);
    case "recording.damaged":
      return ["recording.damaged", stretch(detail, about.language)];
    case "recording.export": {
      const format = textOf(detail["format"]).toUpperCase();
      return [
        detail["deidentify"] === true ? "recording.export.deidentified" : "recording.export",
        { format },
      ];
    }
    case "labelSet.save": {
      const set = about.names.labelSets.find(({ id }) => id === entry.subject);
      const name = set ? inLanguage(set.name, about.language) : entry.subject;
      return ["labelSet.save", { set: name, version: textOf(detail["version"]) }];
    }
    case "settings.change":
      return ["settings.change", { fields: listed(settingNames(detail, about.language), about.language) }];
    case "run.start":
      return ["run.start", { count: numberOf(detail["recordings"]) || 0 }];
    case "model.import":
      return textOf(detail["file"]) === ""
        ? ["model.import.named"]
        : ["model.import", { file: baseName(textOf(detail["file"])) }];
    default:
      return [isAction(action) ? action : "other"];
  }
}

const isAction = (action: string): action is Key =>
  /^(recording|annotation|mask|reading|context|labelSet|settings|run|model|log)\.[a-zA-Z]+$/.test(action) &&
  (Object.hasOwn(logWords.ja, action) || Object.hasOwn(logWords.ja, `${action}_other`));

const fileless = (language: Language): string => translate(logWords, language)("goneRecording");

function changeWords(
  action: "recording.change" | "run.change",
  detail: Fields,
  about: About,
): readonly [Key, Values?] {
  const t = translate(logWords, about.language);
  const named = Array.isArray(detail["fields"])
    ? detail["fields"].map((one) => `field.${textOf(one)}`)
    : undefined;
  if (named !== undefined) {
    const known = named.flatMap((name) => (isField(name) ? [t(name)] : []));
    return [action, { fields: known.length === 0 ? t("setting.other") : listed(known, about.language) }];
  }
  const changed = Object.entries(detail).flatMap(([field, change]) => {
    const name = `field.${field}`;
    return isField(name) && isFields(change) ? [{ field, name: t(name), change }] : [];
  });
  const [first] = changed;
  const fields = listed(
    changed.map(({ name }) => name),
    about.language,
  );
  if (first === undefined || changed.length > 1 || first.field === "note" || !about.isKnown)
    return [action, { fields: fields === "" ? t("setting.other") : fields }];
  const values = {
    field: first.name,
    before: textOf(first.change["before"]),
    after: textOf(first.change["after"]),
  };
  if (first.field === "name") return [`${action}.name`, values];
  if (action === "run.change") return [action, { fields }];
  if (values.before === "") return ["recording.change.given", values];
  return [values.after === "" ? "recording.change.cleared" : "recording.change.value", values];
}

const isField = (name: string): name is Key & `field.${string}` => Object.hasOwn(logWords.ja, name);

function editWords(action: string, detail: Fields, about: About): readonly [Key, Values?] {
  if (!isAction(action)) return ["other"];
  const changes = Array.isArray(detail["changes"]) ? detail["changes"].filter(isFields) : [];
  const thing = changes.map(({ before, after }) => after ?? before).find(isFields) ?? {};
  const isAlone = changes.length <= 1;
  if (action === "mask.rule") return [action, { count: numberOf(detail["spans"]) || 0 }];
  if ((action === "mask.add" || action === "mask.remove") && !isAlone)
    return [`${action}.many`, { count: changes.length }];
  if (action === "annotation.add" || action === "annotation.change" || action === "annotation.remove")
    return isAlone
      ? [action, { ...stretch(thing, about.language), label: labelName(thing, about) }]
      : [`${action}.many`, { count: changes.length }];
  return [action, stretch(thing, about.language)];
}

const stretch = (thing: Fields, language: Language): Values => ({
  time: clock(numberOf(thing["onsetS"]) || 0),
  length: length(numberOf(thing["durationS"]) || 0, language),
});

function labelName(annotation: Fields, { names, language }: About): string {
  const code = textOf(annotation["label"]);
  const set = names.labelSets.find(({ id }) => id === annotation["labelSet"]);
  const label = set?.labels.find((one) => one.code === code);
  return label ? inLanguage(label.name, language) : code;
}

function settingNames(detail: Fields, language: Language): readonly string[] {
  const t = translate(logWords, language);
  const names = Object.keys(detail).map((field) => {
    const name = `setting.${field}`;
    return t(isSetting(name) ? name : "setting.other");
  });
  return [...new Set(names)];
}
const isSetting = (name: string): name is Key & `setting.${string}` => Object.hasOwn(logWords.ja, name);

const listed = (names: readonly string[], language: Language): string =>
  new Intl.ListFormat(language === "ja" ? "ja" : "en-GB", { type: "conjunction" }).format(names);

const baseName = (path: string): string => path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
