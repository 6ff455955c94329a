import { shellWord } from '../text/shell-word';

/**
 * The command that ends a pause of Temporal's own. The options are short, because a refusal's message has only
 * 300 characters.
 * @param flags the options for the server and the namespace, with a leading space; empty for the defaults.
 */
export function unpauseRunCommand(workflowId: string, flags: string): string {
  return `temporal workflow unpause -w ${shellWord(workflowId)}${flags}`;
}

/** The command that ends the pause of one activity. `flags` as for `unpauseRunCommand`. */
export function unpauseActivityCommand(workflowId: string, activityId: string, flags: string): string {
  return `temporal activity unpause -w ${shellWord(workflowId)} -a ${shellWord(activityId)}${flags}`;
}

/** The option for the gateway's namespace. The operator's address may differ from the gateway's. */
export function namespaceFlag(namespace: string): string {
  return namespace === 'default' ? '' : ` --namespace ${shellWord(namespace)}`;
}
