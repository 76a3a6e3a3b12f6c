// Every page works without this file; it makes them quicker to use. One module per thing, started once: handlers are
// delegated from the document, so fragments that arrive later need no wiring.
import 'htmx.org';
import { startAsks } from './asks.js';
import { startCopy } from './copy.js';
import { startDialogs } from './dialog.js';
import { startDrop } from './drop.js';
import { startForms } from './form.js';
import { startInline } from './inline.js';
import { startKeys } from './keys.js';
import { startList } from './list.js';
import { startLive } from './live.js';
import { startMenus } from './menu.js';
import { startMerge } from './merge.js';
import { startSearch } from './search.js';
import { startSeveral } from './several.js';
import { startShell } from './shell.js';
import { startToasts } from './toast.js';

for (const start of [
  startShell, startMenus, startDialogs, startToasts, startSearch, startList, startForms, startSeveral, startInline,
  startCopy, startDrop, startKeys, startLive, startMerge, startAsks,
]) start();
