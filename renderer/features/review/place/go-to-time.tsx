import { Button, Modal, TextInput } from "@mantine/core";
import { useState, type SyntheticEvent, type ReactNode } from "react";
import { parseTime } from "../../../trace/tracks/time-scale.ts";
import { clock } from "../../../ui/format.ts";
import { useKeys, type KeyBinding } from "../../../ui/keys.ts";
import type { Review } from "../use-review.ts";

const noKeys: readonly KeyBinding[] = [];

export function GoToTime({
  review,
  isOpen,
  close,
}: {
  readonly review: Review;
  readonly isOpen: boolean;
  readonly close: () => void;
}): ReactNode {
  const { t } = review;
  return (
    <Modal opened={isOpen} onClose={close} title={t("goTo")} size="sm">
      <Form review={review} close={close} />
    </Modal>
  );
}

function Form({ review, close }: { readonly review: Review; readonly close: () => void }): ReactNode {
  const { t, startOfDayS, durationS, navigation } = review;
  const [text, setText] = useState("");
  const [error, setError] = useState<string | undefined>(undefined);
  useKeys(t("goTo"), noKeys, { exclusive: true }); // those of the review rest while this is open
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const time = parseTime(text, startOfDayS);
    if (time === undefined || time > durationS) {
      setError(t("goToBad", { text, end: clock(durationS) }));
      return;
    }
    navigation.goToTime(time);
    close();
  };
  return (
    <form onSubmit={submit}>
      <TextInput
        data-autofocus
        value={text}
        onChange={(change) => setText(change.currentTarget.value)}
        description={t("goToHint")}
        error={error}
        aria-label={t("goTo")}
        data-testid="go-to-time"
      />
      <Button type="submit" mt="sm" size="xs">
        {t("go")}
      </Button>
    </form>
  );
}
