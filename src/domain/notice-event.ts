/** Names on the wire: receivers and configurations use them. */
export const noticeEvents = [
  'export.awaiting-approval',
  'export.reminder',
  'export.paused',
  'export.stuck',
  'export.completed',
  'export.failed',
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];
