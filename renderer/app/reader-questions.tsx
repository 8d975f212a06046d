import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { request } from "../bridge/client.ts";
import { useQuestion, type Question } from "../state/questions.ts";
import { useKeys, type KeyBinding } from "../ui/keys.ts";
import { notifyFailure } from "../ui/notify.tsx";
import { useWords } from "../ui/words.ts";
import { readerWords } from "./reader-words.ts";

const noKeys: readonly KeyBinding[] = [];

/** Asks who reads, and before something of another reader is touched. */
export function ReaderQuestions(): ReactNode {
  const t = useWords(readerWords);
  const asked = useQuestion((one) => one.asked);
  const question = asked?.question;
  useKeys(t("nameTitle"), noKeys, { exclusive: true, enabled: asked !== undefined }); // those beneath rest
  const title = question?.kind === "of-other" ? t("otherTitle", { reader: question.reader }) : t("nameTitle");
  return (
    <Modal opened={asked !== undefined} onClose={() => asked?.answer(undefined)} title={title} size="sm">
      {asked && question?.kind === "name" && <Name answer={asked.answer} />}
      {asked && question?.kind === "of-other" && <OfOther question={question} answer={asked.answer} />}
    </Modal>
  );
}

type Answer = (said: string | undefined) => void;

function Name({ answer }: { readonly answer: Answer }): ReactNode {
  const t = useWords(readerWords);
  const [text, setText] = useState("");
  const name = text.trim();
  const keep = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (name === "") return;
    request("settings.set", { author: name }).then(() => answer(name), notifyFailure);
  };
  return (
    <form onSubmit={keep}>
      <Stack gap="sm">
        <p>{t("nameText")}</p>
        <TextInput
          data-autofocus
          label={t("name")}
          value={text}
          maxLength={200}
          onChange={(change) => setText(change.currentTarget.value)}
          data-testid="reader-name"
        />
        <Group justify="flex-end" gap="xs">
          <Button type="submit" disabled={name === ""}>
            {t("keepName")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function OfOther({
  question: { reader, what },
  answer,
}: {
  readonly question: Extract<Question, { kind: "of-other" }>;
  readonly answer: Answer;
}): ReactNode {
  const t = useWords(readerWords);
  return (
    <Stack gap="sm">
      <p>{t(`otherText.${what}`, { reader })}</p>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" data-autofocus onClick={() => answer(undefined)}>
          {t("leaveIt")}
        </Button>
        <Button variant="default" data-testid="of-other-yes" onClick={() => answer(reader)}>
          {t(`otherYes.${what}`, { reader })}
        </Button>
      </Group>
    </Stack>
  );
}
