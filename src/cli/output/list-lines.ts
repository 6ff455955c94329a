import type { ExportList, ExportRow, InboxRow } from '../../gateway/api/operator-api';
import { shellCommand } from './shell-command';
import { tabLines } from './table';

/**
 * Returns one line per export, with tab-separated cells: stage, issue, labels done, labels planned, project,
 * destination, start time, name. A request that has not started has the stage `not-started`. A request on
 * hold has the stage `held`, and three more cells: the reason, and the commands that release the hold and drop it.
 */
export function listLines({ exports, notStarted, held }: ExportList): string[] {
  return tabLines([
    ...notStarted.map((row) => inboxCells('not-started', row)),
    ...held.map((row) => [...inboxCells('held', row), row.because, replayCommand(row), dropCommand(row)]),
    ...exports.map(exportCells),
  ]);
}

/** Returns the command that releases a request's hold. */
export function replayCommand({ sha256 }: InboxRow): string {
  return shellCommand(['requeue', 'replay', sha256]);
}

/** Returns the command that drops a held request. The operator fills in the reason. */
export function dropCommand({ sha256 }: InboxRow): string {
  return `${shellCommand(['requeue', 'drop', sha256])} --reason '…'`;
}

function exportCells({
  stage,
  issueId,
  labels,
  project,
  destination,
  startedAt,
  issueName,
}: ExportRow): string[] {
  return [
    stage,
    issueId,
    String(labels.done),
    String(labels.planned),
    project,
    destination,
    startedAt,
    issueName,
  ];
}

function inboxCells(stage: string, { issueId, project, receivedAt, issueName }: InboxRow): string[] {
  return [stage, issueId, '0', '0', project, '', receivedAt, issueName];
}
