/** What a notice can be about. */
export const noticeEvents = [
  'export.awaiting-approval',
  'export.reminder',
  'export.paused',
  'export.completed',
  'export.failed',
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];
