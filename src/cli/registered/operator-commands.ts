import type { Command } from '@commander-js/extra-typings';
import { registerApprove } from './approve';
import { registerCancel } from './cancel';
import { registerFind } from './find';
import { registerList } from './list';
import { registerPause } from './pause';
import { registerPlan } from './plan';
import { registerReject } from './reject';
import { registerReport } from './report';
import { registerResume } from './resume';
import { registerShow } from './show';

/** What people in charge type, in the order of the help. Each file says what its command takes; the module that does it is loaded when it runs. */
export const operatorCommands: readonly ((program: Command) => void)[] = [
  registerPlan,
  registerList,
  registerShow,
  registerApprove,
  registerReject,
  registerPause,
  registerResume,
  registerCancel,
  registerReport,
  registerFind,
];
