/** Entry point of the workflow bundle. */
export { ExportIssue } from './export-issue';
