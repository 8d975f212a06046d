import { Button, Checkbox, Popover, Text, TextInput } from "@mantine/core";
import { IconFilter } from "@tabler/icons-react";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { noteIn } from "../../../../preload/contract/noted.ts";
import { clock } from "../../../ui/format.ts";
import { inLanguage } from "../../../ui/words.ts";
import { useSize } from "../../../trace/strip/use-size.ts";
import { isFiltering, noFilter, type EventFilter, type ReviewEvent, type Source } from "./events.ts";
import { eventLength } from "../describe.ts";
import { LabelSwatch } from "./label-swatch.tsx";
import classes from "../review.module.css";
import type { Review } from "../use-review.ts";

const ROW_PX = 38;
const OVERSCAN = 6;

/** Every event that passes the filter, in order of time. Only the rows in sight are in the page. */
export function EventList({ review }: { readonly review: Review }): ReactNode {
  const { t, events, allEvents, filter, setFilter } = review;
  return (
    <div className={classes["column"]}>
      <div style={{ display: "flex", gap: 6 }}>
        <TextInput
          size="xs"
          style={{ flex: 1 }}
          value={filter.text}
          placeholder={t("searchEvents")}
          aria-label={t("searchEvents")}
          onChange={(change) => setFilter({ ...filter, text: change.currentTarget.value })}
        />
        <FilterButton review={review} />
      </div>
      <Text size="xs" c="dimmed" role="status">
        {isFiltering(filter)
          ? t("eventShown", { shown: events.length, all: allEvents.length })
          : t("eventCount", { count: events.length })}
      </Text>
      {events.length > 0 && <Rows review={review} />}
      {events.length === 0 && allEvents.length === 0 && (
        <div>
          <Text size="sm" fw={500}>
            {t("noEvents")}
          </Text>
          <Text size="sm" c="dimmed">
            {t("noEventsText")}
          </Text>
        </div>
      )}
      {events.length === 0 && allEvents.length > 0 && (
        <div>
          <Text size="sm" c="dimmed" mb={6}>
            {t("noMatch")}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => setFilter(noFilter)}>
            {t("clearFilter")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Rows({ review }: { readonly review: Review }): ReactNode {
  const { t, events, event: selected, navigation } = review;
  const [host, setHost] = useState<HTMLDivElement | null>(null);
  const [top, setTop] = useState(0);
  const { height } = useSize(host);
  const first = Math.max(0, Math.floor(top / ROW_PX) - OVERSCAN);
  const last = Math.min(events.length, Math.ceil((top + height) / ROW_PX) + OVERSCAN);
  const at = selected ? events.findIndex((event) => event.id === selected.id) : -1;
  const list = useRef<HTMLDivElement>(null);
  const followed = useRef(-1);

  useEffect(() => {
    const { current } = list;
    if (!current || at < 0 || at === followed.current) return;
    followed.current = at;
    if (at * ROW_PX < current.scrollTop) current.scrollTop = at * ROW_PX;
    else if ((at + 1) * ROW_PX > current.scrollTop + current.clientHeight)
      current.scrollTop = (at + 1) * ROW_PX - current.clientHeight;
  }, [at]);

  const onKeyDown = (press: KeyboardEvent): void => {
    const step = press.key === "ArrowDown" ? 1 : press.key === "ArrowUp" ? -1 : 0;
    const next = events[Math.min(events.length - 1, Math.max(0, at + step))];
    if (step === 0 || !next) return;
    press.preventDefault();
    navigation.goToEvent(next);
  };
  return (
    <div
      ref={(element) => {
        list.current = element;
        setHost(element);
      }}
      className={classes["eventScroll"]}
      role="listbox"
      tabIndex={0}
      aria-label={t("events")}
      data-testid="event-list"
      aria-activedescendant={selected ? `event-${selected.id}` : undefined}
      onScroll={(scroll) => setTop(scroll.currentTarget.scrollTop)}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: events.length * ROW_PX }}>
        {events.slice(first, last).map((event, i) => (
          <Row
            key={event.id}
            review={review}
            event={event}
            at={first + i}
            isSelected={event.id === selected?.id}
          />
        ))}
      </div>
    </div>
  );
}

function Row({
  review,
  event,
  at,
  isSelected,
}: {
  readonly review: Review;
  readonly event: ReviewEvent;
  readonly at: number; // its place in the list, of which only what is in sight is on the page
  readonly isSelected: boolean;
}): ReactNode {
  const { t, language, navigation } = review;
  const { annotation } = event;
  const who = annotation.author !== "" ? annotation.author : t(`source.${annotation.source}`);
  const [overlapped] = review.overlaps.get(event.id)?.others ?? [];
  const facts = [
    overlapped && t("overlaps", { name: overlapped.name }),
    event.channel?.label,
    who,
    noteIn(annotation.note, language),
  ].filter((fact) => fact !== undefined && fact !== "");
  return (
    <button
      type="button"
      role="option"
      id={`event-${event.id}`}
      tabIndex={-1}
      aria-selected={isSelected}
      aria-posinset={at + 1}
      aria-setsize={review.events.length}
      className={classes["eventRow"]}
      style={{ top: at * ROW_PX }}
      onClick={() => navigation.goToEvent(event)}
      data-testid="event-row"
      data-label={annotation.label}
      data-onset={event.onsetS}
      data-duration={event.durationS}
    >
      <LabelSwatch label={event.label} isOutlined={event.isOutlined} />
      <span className={classes["eventName"]}>
        <span title={event.name}>{event.name}</span>
        <span className={classes["dim"]}>{facts.join(" · ")}</span>
      </span>
      <span style={{ textAlign: "right" }}>
        {clock(event.onsetS)}
        <br />
        <span className={classes["dim"]}>
          {event.durationS === 0 ? "·" : eventLength(t, language, event.durationS)}
        </span>
      </span>
    </button>
  );
}

function FilterButton({ review }: { readonly review: Review }): ReactNode {
  const { t, language, allEvents, filter, setFilter } = review;
  const labels = new Map(allEvents.map((event) => [event.annotation.label, event]));
  const authors = [...new Set(allEvents.map((event) => event.annotation.author))].sort();
  const sources = [...new Set(allEvents.map((event) => event.annotation.source))];
  const toggled = <T,>(known: ReadonlySet<T>, value: T): Set<T> => {
    const next = new Set(known);
    if (!next.delete(value)) next.add(value);
    return next;
  };
  const set = (change: Partial<EventFilter>): void => setFilter({ ...filter, ...change });
  return (
    <Popover position="bottom-end" withinPortal trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant={isFiltering(filter) ? "light" : "default"}
          leftSection={<IconFilter size={13} />}
          disabled={allEvents.length === 0}
        >
          {t("filter")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <div className={classes["filterGrid"]}>
          <Group title={t("filterLabels")}>
            {[...labels].map(([code, event]) => (
              <Checkbox
                key={code}
                checked={!filter.labels.has(code)}
                onChange={() => set({ labels: toggled(filter.labels, code) })}
                label={
                  <span style={{ display: "inline-flex", gap: 6 }}>
                    <LabelSwatch label={event.label} />
                    {inLanguage(event.label.name, language)}
                  </span>
                }
              />
            ))}
          </Group>
          <Group title={t("filterAuthors")}>
            {authors.map((author) => (
              <Checkbox
                key={author}
                checked={!filter.authors.has(author)}
                onChange={() => set({ authors: toggled(filter.authors, author) })}
                label={author === "" ? t("unnamed") : author}
              />
            ))}
          </Group>
          <Group title={t("filterSources")}>
            {sources.map((source: Source) => (
              <Checkbox
                key={source}
                checked={!filter.sources.has(source)}
                onChange={() => set({ sources: toggled(filter.sources, source) })}
                label={t(`source.${source}`)}
              />
            ))}
          </Group>
          <Button size="compact-xs" variant="default" onClick={() => setFilter(noFilter)}>
            {t("clearFilter")}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, display: "flex", flexDirection: "column", gap: 5 }}>
      <legend>
        <Text size="xs" c="dimmed">
          {title}
        </Text>
      </legend>
      {children}
    </fieldset>
  );
}
