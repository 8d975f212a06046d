import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useAgreement } from "../state/cluster.ts";
import { common } from "../ui/common-words.ts";
import { useKeys, type KeyBinding } from "../ui/keys.ts";
import { testIds } from "../ui/test-ids.ts";
import { defineWords, useWords } from "../ui/words.ts";

const words = defineWords("agreement-of-leaving", {
  en: {
    title: "Recordings leave this machine",
    text: "{{name}} is another machine. What you send there is kept there, as it stands in this library: samples with their masks, the names of recordings and of the files they came from, codes of subjects, studies, notes, the facts of their headers (weeks, ages, outcomes and the like), labels and readings with their history and who gave them, what rules and models said, and your own name with the time. Whoever may look at that archive sees it, and so do its backups.",
    work: "A training that is shared out puts its recordings into the archive in the same way; the workers get them without names of readers and typed text.",
    nothingBack:
      "What was sent cannot be taken back from here. It goes over TLS only, to a server that its certificate tells.",
    once: "This is asked once for each server.",
    agree: "Agree, and send to {{name}}",
  },
  ja: {
    title: "記録がこのコンピューターの外に出ます",
    text: "{{name}} は別のコンピューターです。送った内容は、このライブラリにあるとおりそこに保存されます。信号とマスク、記録名と元のファイル名、対象者コード、研究名、メモ、ヘッダーの情報（週数、年齢、転帰など）、ラベルと判読およびその履歴と付けた人、規則やモデルの結果、そしてあなたの名前と送信時刻です。アーカイブを閲覧できる人とそのバックアップから見える状態になります。",
    work: "分担して行う学習でも、対象の記録は同じようにアーカイブに入ります。ワーカーには、判読者の名前と自由記述を除いて渡されます。",
    nothingBack:
      "送ったものをここから取り消すことはできません。通信は、証明書で確認したサーバーとのTLSだけで行います。",
    once: "この確認はサーバーごとに一度だけです。",
    agree: "同意して {{name}} に送る",
  },
});
const noKeys: readonly KeyBinding[] = [];

/** Before the first recording leaves for a server: what goes, and to where. */
export function AgreementQuestion(): ReactNode {
  const t = useWords(words);
  const c = useWords(common);
  const asked = useAgreement((one) => one.asked);
  useKeys(t("title"), noKeys, { exclusive: true, enabled: asked !== undefined }); // those beneath rest
  return (
    <Modal opened={asked !== undefined} onClose={() => asked?.answer(false)} title={t("title")} size="lg">
      {asked && (
        <Stack gap="sm">
          <p>{t("text", { name: asked.name })}</p>
          <p>{t("work")}</p>
          <p>{t("nothingBack")}</p>
          <p>{t("once")}</p>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" data-autofocus onClick={() => asked.answer(false)}>
              {c("cancel")}
            </Button>
            <Button data-testid={testIds.clusterAgree} onClick={() => asked.answer(true)}>
              {t("agree", { name: asked.name })}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
