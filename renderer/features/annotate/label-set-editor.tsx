import { ActionIcon, ColorInput, Menu, SegmentedControl, Select, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconFolderSymlink, IconPlus, IconTrash } from "@tabler/icons-react";
import { useRef, useState, type ReactNode } from "react";
import type { LabelSet, LabelUse } from "../../../preload/contract/label-set.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { useRequest, useSendOnce } from "../../bridge/hooks.ts";
import { useReadBlind } from "../../state/blind.ts";
import { contrast, inkOn } from "../../trace/tracks/palette.ts";
import { common } from "../../ui/common-words.ts";
import { fixed } from "../../ui/format.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { useKeys } from "../../ui/keys.ts";
import { categorical } from "../../../preload/strip/colours.ts";
import { ActionButton, Failure, Skeleton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords, type Language, type Translate } from "../../ui/words.ts";
import {
  addGroup,
  addLabel,
  changeGroup,
  changeLabel,
  codeOf,
  draftOf,
  groupCodeOf,
  heirOf,
  isPlain,
  moveGroup,
  moveLabel,
  newDraft,
  problemsOf,
  putInGroup,
  removeGroup,
  removeLabel,
  setOf,
  shownName,
  type Draft,
  type DraftGroup,
  type DraftLabel,
  type Field,
} from "./draft.ts";
import classes from "./label-set-editor.module.css";
import { annotateWords } from "./words.ts";

const NEW = "new set";
const noUses: readonly LabelUse[] = [];
type T = Translate<NonNullable<(typeof annotateWords)["key"]>>;

/** Label sets and their labels. A set is edited as a draft; saving gives it the next version. */
export function LabelSetEditor(): ReactNode {
  const t = useWords(annotateWords);
  const sets = useRequest("labelSets.list", {});
  if (sets.error) return <Failure error={sets.error} onRetry={() => void sets.refetch()} />;
  if (!sets.data)
    return (
      <div aria-label={t("loading")}>
        <Skeleton height={240} />
      </div>
    );
  return <Sets sets={sets.data} />;
}

function Sets({ sets }: { readonly sets: readonly LabelSet[] }): ReactNode {
  const t = useWords(annotateWords);
  const language = useLanguage();
  const [chosen, setChosen] = useState(sets[0]?.id ?? NEW);
  const set = sets.find((one) => one.id === chosen);
  return (
    <div className={classes["editor"]} data-testid="label-set-editor">
      <div className={classes["head"]}>
        <Select
          label={t("set")}
          value={chosen}
          onChange={(value) => setChosen(value ?? NEW)}
          w={260}
          data-testid="editor-set"
          data={[
            ...sets.map((one) => ({ value: one.id, label: inLanguage(one.name, language) })),
            { value: NEW, label: t("newSet") },
          ]}
        />
        <Text size="xs" c="dimmed" maw={420}>
          {t("explain")}
        </Text>
      </div>
      <DraftForm
        key={`${chosen} ${set?.version ?? 0}`}
        set={set}
        takenIds={sets.map((one) => one.id)}
        onSaved={(saved) => setChosen(saved.id)}
      />
    </div>
  );
}

function DraftForm({
  set,
  takenIds,
  onSaved,
}: {
  readonly set: LabelSet | undefined;
  readonly takenIds: readonly string[];
  readonly onSaved: (saved: LabelSet) => void;
}): ReactNode {
  const t = useWords(annotateWords);
  const c = useWords(common);
  const language = useLanguage();
  const start = set ? draftOf(set) : newDraft("ctg");
  const [draft, setDraft] = useState<Draft>(start);
  const [isTried, setTried] = useState(false);
  const save = useSendOnce("labelSets.save");
  const uses = useRequest("labelSets.usage", set && { id: set.id }).data ?? noUses;
  const removed = uses.filter(
    ({ label }) =>
      set?.labels.some((one) => one.code === label) === true &&
      !draft.labels.some((one) => one.isCodeFixed && one.code === label),
  );
  const problems = problemsOf(draft, takenIds, language);
  const shown = problems.filter((problem) => isTried || isPlain(problem));
  const form = useRef<HTMLDivElement>(null);
  const errorAt = (row: number | undefined, field: Field, group?: number): string | undefined => {
    const found = shown.find((one) => one.row === row && one.field === field && one.group === group);
    return found && t(`problem.${found.kind}`, { value: found.value, other: found.other ?? "" });
  };
  const isChanged = JSON.stringify(draft) !== JSON.stringify(start);

  const submit = (): void => {
    setTried(true);
    if (problems.length > 0) {
      // The fields say what is wrong once they are drawn; the first of them takes the focus.
      setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), 0);
      return;
    }
    save.send(setOf(draft, takenIds), {
      onSuccess: (saved) => {
        notify(t(set && saved.version === set.version ? "unchanged" : "saved", { version: saved.version }));
        setTried(false);
        onSaved(saved);
      },
      onError: notifyFailure,
    });
  };
  const add = (): void => setDraft(addLabel(draft));
  const addOneGroup = (): void => setDraft(addGroup(draft));
  const discard = (): void => setDraft(start);
  const saveWords = set ? t("save", { version: set.version + 1 }) : t("saveNew");
  useKeys(t("set"), [
    { keys: "N", what: t("add"), run: add },
    { keys: "G", what: t("addGroup"), run: addOneGroup },
    { keys: "Mod+S", what: saveWords, run: submit, enabled: isChanged && !save.isPending, inInputs: true },
    { keys: "Mod+Backspace", what: t("discard"), run: discard, enabled: isChanged },
  ]);
  return (
    <div ref={form} className={classes["form"]}>
      <div className={classes["head"]}>
        <TextInput
          label={t("nameEn")}
          lang="en"
          error={errorAt(undefined, "en")}
          value={draft.en}
          onChange={(e) => setDraft({ ...draft, en: e.currentTarget.value })}
          w={200}
        />
        <TextInput
          label={t("nameJa")}
          lang="ja"
          value={draft.ja}
          onChange={(e) => setDraft({ ...draft, ja: e.currentTarget.value })}
          w={200}
        />
        <Select
          label={t("kind")}
          value={draft.kind}
          w={110}
          onChange={(value) => value && setDraft({ ...draft, kind: value })}
          data={(["ctg", "emg", "other"] as const).map((value) => ({ value, label: c(`kind.${value}`) }))}
        />
        <Text size="xs" c="dimmed">
          {set ? t("version", { version: set.version }) : t("unsaved")}
        </Text>
      </div>
      <div className={classes["scroll"]}>
        <table className={classes["rows"]}>
          <thead>
            <tr>
              {(["nameEn", "nameJa", "letter", "key", "colour", "shape", "code", "inUse"] as const).map(
                (key) => (
                  <th key={key}>{t(key)}</th>
                ),
              )}
              <td />
            </tr>
          </thead>
          {draft.groups.map((group, at) => (
            <tbody key={group.groupId} data-testid="editor-group" data-group={group.code}>
              <GroupRow
                t={t}
                language={language}
                error={errorAt(undefined, "en", at)}
                group={group}
                at={at}
                draft={draft}
                setDraft={setDraft}
              />
              {draft.labels.map(
                (label, row) =>
                  label.groupId === group.groupId && (
                    <LabelRow
                      key={label.rowId}
                      t={t}
                      language={language}
                      errorAt={(field) => errorAt(row, field)}
                      label={label}
                      row={row}
                      use={label.isCodeFixed ? uses.find((one) => one.label === label.code) : undefined}
                      draft={draft}
                      setDraft={setDraft}
                    />
                  ),
              )}
            </tbody>
          ))}
        </table>
      </div>
      {set !== undefined && removed.length > 0 && (
        <ul className={classes["notices"]} role="status" data-testid="editor-in-use">
          {removed.map(({ label, annotations }) => (
            <li key={label}>
              {t(annotations === null ? "removedInUseBlind" : "removedInUse", {
                name: inLanguage(sure(set.labels.find((one) => one.code === label)).name, language),
                count: annotations ?? 0,
                version: set.version,
              })}
            </li>
          ))}
        </ul>
      )}
      <div className={classes["foot"]}>
        <ActionButton
          keys="N"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={add}
          data-testid="editor-add"
        >
          {t("add")}
        </ActionButton>
        <ActionButton
          keys="G"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={addOneGroup}
          data-testid="editor-add-group"
        >
          {t("addGroup")}
        </ActionButton>
        {errorAt(undefined, "labels") !== undefined && (
          <span className={classes["problem"]} role="alert">
            {errorAt(undefined, "labels")}
          </span>
        )}
        <ActionButton
          primary
          keys="Mod+S"
          size="xs"
          onClick={submit}
          loading={save.isPending}
          disabled={!isChanged}
          data-testid="editor-save"
        >
          {saveWords}
        </ActionButton>
        {isChanged && (
          <ActionButton keys="Mod+Backspace" size="xs" variant="subtle" onClick={discard}>
            {t("discard")}
          </ActionButton>
        )}
        {isTried && problems.length > 0 && (
          <span className={classes["problem"]} role="status">
            {t("problems", { count: problems.length })}
          </span>
        )}
      </div>
    </div>
  );
}

interface GroupRowProps {
  readonly t: T;
  readonly language: Language;
  readonly error: string | undefined;
  readonly group: DraftGroup;
  readonly at: number;
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
}

/** How a group is called, and everything that can be done with it as a whole. */
function GroupRow({ t, language, error, group, at, draft, setDraft }: GroupRowProps): ReactNode {
  const change = (part: Partial<DraftGroup>): void => setDraft(changeGroup(draft, group.groupId, part));
  const name = groupName(t, language, draft, group);
  const heir = heirOf(draft, group.groupId);
  return (
    <tr className={classes["group"]}>
      <td>
        <TextInput
          size="xs"
          lang="en"
          value={group.en}
          aria-label={t("groupEn")}
          error={error}
          onChange={(e) => change({ en: e.currentTarget.value })}
        />
      </td>
      <td>
        <TextInput
          size="xs"
          lang="ja"
          value={group.ja}
          aria-label={t("groupJa")}
          onChange={(e) => change({ ja: e.currentTarget.value })}
        />
      </td>
      <td colSpan={4} />
      <td className={classes["code"]}>{groupCodeOf(draft, at)}</td>
      <td />
      <td>
        <ActionIcon.Group>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("addTo", { name })}
            title={t("addTo", { name })}
            onClick={() => setDraft(addLabel(draft, group.groupId))}
          >
            <IconPlus size={13} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("up", { name })}
            disabled={at === 0}
            onClick={() => setDraft(moveGroup(draft, group.groupId, -1))}
          >
            <IconArrowUp size={13} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("down", { name })}
            disabled={at === draft.groups.length - 1}
            onClick={() => setDraft(moveGroup(draft, group.groupId, 1))}
          >
            <IconArrowDown size={13} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={26}
            {...labelled(
              heir === undefined
                ? t("remove", { name })
                : t("removeGroup", { name, other: groupName(t, language, draft, heir) }),
            )}
            disabled={heir === undefined}
            onClick={() => setDraft(removeGroup(draft, group.groupId))}
          >
            <IconTrash size={13} />
          </ActionIcon>
        </ActionIcon.Group>
      </td>
    </tr>
  );
}

const labelled = (text: string) => ({ "aria-label": text, title: text });

const groupName = (t: T, language: Language, { groups }: Draft, group: DraftGroup): string =>
  shownName(group, language) || t("namelessGroup", { number: groups.indexOf(group) + 1 });

interface RowProps {
  readonly t: T;
  readonly language: Language;
  readonly errorAt: (field: Field) => string | undefined;
  readonly label: DraftLabel;
  readonly row: number;
  readonly use: LabelUse | undefined;
  readonly draft: Draft;
  readonly setDraft: (draft: Draft) => void;
}

function LabelRow({ t, language, errorAt, label, row, use, draft, setDraft }: RowProps): ReactNode {
  const isBlind = useReadBlind().size > 0;
  const change = (part: Partial<DraftLabel>): void => setDraft(changeLabel(draft, label.rowId, part));
  const name = shownName(label, language) || t("nameless", { number: row + 1 });
  const isColour = /^#[0-9a-fA-F]{6}$/.test(label.colour);
  const [up, down] = [moveLabel(draft, label.rowId, -1), moveLabel(draft, label.rowId, 1)];
  const seen = isColour ? contrast(label.colour, "#ffffff") : 3;
  return (
    <tr>
      <td>
        <TextInput
          size="xs"
          lang="en"
          value={label.en}
          aria-label={t("nameEn")}
          error={errorAt("en")}
          onChange={(e) => change({ en: e.currentTarget.value })}
        />
      </td>
      <td>
        <TextInput
          size="xs"
          lang="ja"
          value={label.ja}
          aria-label={t("nameJa")}
          onChange={(e) => change({ ja: e.currentTarget.value })}
        />
      </td>
      <td>
        <TextInput
          size="xs"
          w={52}
          maxLength={2}
          value={label.letter}
          aria-label={t("letter")}
          error={errorAt("letter")}
          onChange={(e) => change({ letter: e.currentTarget.value })}
          styles={
            isColour
              ? {
                  input: {
                    background: label.colour,
                    color: inkOn(label.colour),
                    fontWeight: 600,
                    textAlign: "center",
                  },
                }
              : {}
          }
        />
      </td>
      <td>
        <TextInput
          size="xs"
          w={48}
          maxLength={1}
          value={label.key}
          aria-label={t("key")}
          error={errorAt("key")}
          styles={{ input: { textAlign: "center" } }}
          onChange={(e) =>
            change({ key: e.currentTarget.value.normalize("NFKC").trim().slice(0, 1).toLowerCase() })
          }
        />
      </td>
      <td>
        <ColorInput
          size="xs"
          w={124}
          format="hex"
          value={label.colour}
          onChange={(colour) => change({ colour })}
          aria-label={t("colour")}
          error={errorAt("colour")}
          swatches={[...categorical.light]}
          withEyeDropper={false}
        />
        {seen < 3 && <div className={classes["faint"]}>{t("faint", { contrast: fixed(seen, 1) })}</div>}
      </td>
      <td>
        <SegmentedControl
          size="xs"
          value={label.shape}
          onChange={(shape) => change({ shape: shape })}
          aria-label={t("shape")}
          data={(["interval", "point"] as const).map((value) => ({ value, label: t(value) }))}
        />
      </td>
      <td className={classes["code"]}>
        {label.isCodeFixed ? (
          <>
            {label.code}
            {errorAt("code") !== undefined && <div className={classes["problem"]}>{errorAt("code")}</div>}
          </>
        ) : (
          <TextInput
            size="xs"
            value={label.code}
            placeholder={codeOf(draft, row)}
            aria-label={t("code")}
            error={errorAt("code")}
            onChange={(e) => change({ code: e.currentTarget.value })}
          />
        )}
      </td>
      <td
        className={classes["use"]}
        title={
          use &&
          (isBlind || use.annotations === null || use.recordings === null
            ? t("useBlind")
            : t("useTitle", { annotations: use.annotations, recordings: use.recordings }))
        }
        data-testid="label-use"
        data-label={label.code}
      >
        {use === undefined ? "–" : isBlind ? "✓" : (use.annotations ?? "✓")}
      </td>
      <td>
        <ActionIcon.Group>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("up", { name })}
            disabled={up === draft}
            onClick={() => setDraft(up)}
          >
            <IconArrowUp size={13} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("down", { name })}
            disabled={down === draft}
            onClick={() => setDraft(down)}
          >
            <IconArrowDown size={13} />
          </ActionIcon>
          {draft.groups.length > 1 && (
            <Menu position="bottom-end" withinPortal>
              <Menu.Target>
                <ActionIcon variant="default" size={26} {...labelled(t("toGroup", { name }))}>
                  <IconFolderSymlink size={13} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Label>{t("toGroup", { name })}</Menu.Label>
                {draft.groups.map((group) => (
                  <Menu.Item
                    key={group.groupId}
                    disabled={group.groupId === label.groupId}
                    onClick={() => setDraft(putInGroup(draft, label.rowId, group.groupId))}
                  >
                    {groupName(t, language, draft, group)}
                  </Menu.Item>
                ))}
              </Menu.Dropdown>
            </Menu>
          )}
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("remove", { name })}
            onClick={() => setDraft(removeLabel(draft, label.rowId))}
          >
            <IconTrash size={13} />
          </ActionIcon>
        </ActionIcon.Group>
      </td>
    </tr>
  );
}
