import {
  IconActivity,
  IconArchive,
  IconUsers,
  IconAdjustmentsHorizontal,
  IconLayersSubtract,
  IconMathFunction,
  IconPlayerRecord,
  IconSchool,
  IconTable,
  IconTrash,
  type Icon,
} from "@tabler/icons-react";
import type { Page } from "../state/session.ts";

export const pageIcons: Readonly<Record<Page, Icon>> = {
  library: IconTable,
  record: IconPlayerRecord,
  review: IconActivity,
  train: IconSchool,
  layers: IconLayersSubtract,
  models: IconMathFunction,
  settings: IconAdjustmentsHorizontal,
  bin: IconTrash,
  agreement: IconUsers,
  archive: IconArchive,
};
