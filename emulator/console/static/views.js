// Views: what there is to look at, in the order of the navigation.

import { showCall } from "./views/call.js";
import { showClockView } from "./views/clock.js";
import { showJournal } from "./views/journal.js";
import { showProviders } from "./views/providers.js";
import { showRecords } from "./views/records.js";
import { showSituations } from "./views/situations.js";
import { showStubs } from "./views/stubs.js";
import { showWebhooks } from "./views/webhooks.js";
import { showWorldView } from "./views/world.js";

export const VIEWS = [
  { name: "providers", title: "Providers", key: "p", show: showProviders },
  { name: "situations", title: "Situations", key: "s", show: showSituations },
  { name: "call", title: "Call", key: "c", show: showCall },
  { name: "journal", title: "Journal", key: "j", show: showJournal },
  { name: "clock", title: "Clock", key: "t", show: showClockView },
  { name: "records", title: "Records", key: "r", show: showRecords },
  { name: "webhooks", title: "Webhooks", key: "w", show: showWebhooks },
  { name: "stubs", title: "Stubs", key: "b", show: showStubs },
  { name: "world", title: "World", key: "o", show: showWorldView },
];
