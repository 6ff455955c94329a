/** Where an export stands, as in the `ExportStage` search attribute. */
export type OpenStage = 'preparing' | 'awaiting-approval' | 'sending' | 'paused';
/** How an export ended. */
export type Outcome = 'completed' | 'completed-with-problems' | 'rejected' | 'expired' | 'superseded' | 'cancelled' | 'failed';
export type Stage = OpenStage | Outcome;
