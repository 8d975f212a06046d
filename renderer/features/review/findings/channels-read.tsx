import { Text } from "@mantine/core";
import { useMemo, type ReactNode } from "react";
import { channelAdvice } from "../../../../preload/contract/channel-advice.ts";
import { matchChannels } from "../../../../preload/contract/match-channels.ts";
import type { RecordingDetail } from "../../../../preload/contract/recording.ts";
import type { RunSummary } from "../../../../preload/contract/run.ts";
import { useRequest } from "../../../bridge/hooks.ts";
import { problemText } from "../../../ui/said.ts";
import { useLanguage } from "../../../ui/words.ts";

/** Which channels a model reads here, where they have other names than those it learned from, or others could be meant. */
export function ChannelsRead({
  run,
  detail,
}: {
  readonly run: RunSummary;
  readonly detail: RecordingDetail;
}): ReactNode {
  const language = useLanguage();
  const reads = useRequest("runs.reads", {}).data;
  const advice = useMemo(() => {
    const wanted = reads?.[run.id]?.channels ?? run.config.data.channels.map((label) => ({ label }));
    return channelAdvice([{ name: detail.name, matches: matchChannels(wanted, detail.channels) }]);
  }, [run, reads, detail]);
  return advice.map((one) => (
    <Text key={one.message} size="xs" c="dimmed">
      {problemText(one, language)}
    </Text>
  ));
}
