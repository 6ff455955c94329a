import type { ActivitiesDeps } from '../../src/activities';
import type { Destination, Notice } from '../../src/config/config';
import type { Plan } from '../../src/domain/plan';
import { approvalDefaults, type Route, routeDefaults } from '../../src/domain/route';

/** A frame's label in Aquarium's format. */
export function aLabel(uuid: string, change: object = {}) {
  return {
    uuid,
    label: 'car',
    label_type: 'BBOX_2D',
    label_coordinate_frame: 'cam',
    attributes: { top: 1, left: 2, width: 3, height: 4 },
    ...change,
  };
}

/** A crop element that stands for the label `uuid`, the first of `labels` in its frame. */
export function aCrop(
  uuid: string,
  change: { labels?: readonly object[]; frame?: object } & Record<string, unknown> = {},
) {
  const { labels = [aLabel(uuid), aLabel(`${uuid}-neighbour`)], frame = {}, ...rest } = change;
  return {
    dataset: 'streets',
    issue_name: 'Blurred plates',
    element_id: uuid,
    element_type: 'crop',
    frame_id: `frame-of-${uuid}`,
    frame_data: { task_id: `frame-of-${uuid}`, label_data: labels, ...frame },
    crop_data: { uuid },
    ...rest,
  };
}

/** A frame element with labels. */
export function aFrame(frameId: string, uuids: readonly string[], change: object = {}) {
  return {
    element_id: frameId,
    element_type: 'frame',
    frame_id: frameId,
    frame_data: { label_data: uuids.map((uuid) => aLabel(uuid)) },
    ...change,
  };
}

/** `count` crops of labels `<prefix>-0`, `<prefix>-1`, ... */
export function crops(count: number, prefix = 'label') {
  return Array.from({ length: count }, (_, index) => aCrop(`${prefix}-${index}`));
}

/** The label ids `<prefix>0`, `<prefix>1`, ... */
export function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

/** The issue of a delivery, with one crop. */
export function anIssue(change: Record<string, unknown> = {}): Record<string, unknown> {
  return { id: 'issue-1', name: 'Blurred plates', elements: [aCrop('label-1')], ...change };
}

/** The text of a delivery. */
export function aDelivery(change: { event?: string; project?: string | null; issue?: unknown } = {}): string {
  const { event = 'issue-exported', project = 'street-scenes', issue = anIssue() } = change;
  return JSON.stringify({ event, project: project ?? undefined, issue });
}

/** A delivery, not yet a text, of a crop for each of these labels: a plate, next to a car. */
export function exportBody(issueId: string, labelIds: readonly string[], change: object = {}) {
  const elements = labelIds.map((uuid) =>
    aCrop(uuid, { labels: [aLabel(uuid, { label: 'plate' }), aLabel(`${uuid}-neighbour`)] }),
  );
  return {
    event: 'issue-exported',
    project: 'street-scenes',
    issue: { ...anIssue(), id: issueId, elements },
    ...change,
  };
}

export function aRoute(change: Partial<Route> = {}): Route {
  return {
    ...routeDefaults,
    project: '*',
    destination: 'labelbox',
    approval: { ...approvalDefaults, above: 1000 },
    ...change,
  };
}

export function aDestination(change: Partial<Destination> = {}): Destination {
  return {
    name: 'labelbox',
    adapter: 'labelbox',
    address: 'http://127.0.0.1:1/graphql',
    key: 'key',
    inFlight: 8,
    chunkLabels: 100,
    timeoutMs: 60_000,
    ...change,
  };
}

export function aConfig(
  change: {
    routes?: readonly Route[];
    destinations?: readonly Destination[];
    notices?: readonly Notice[];
  } = {},
): ActivitiesDeps['config'] {
  return {
    routes: [aRoute()],
    destinations: [aDestination()],
    notices: [],
    gateway: { publicUrl: 'https://requeue.example' },
    temporal: { uiUrl: 'https://temporal.example' },
    ...change,
  };
}

/** The `plan.json` of 1,500 labels named `plate`, from 1,600 elements of 800 frames. */
export function aPlan(change: Partial<Plan> = {}): Plan {
  const { crops, frames, labelId, onInvalid, resend } = aRoute();
  return {
    version: 1,
    requestId: 'request-1',
    issueId: 'issue-1',
    issueName: 'Blurred plates',
    project: 'street-scenes',
    sha256: '01',
    revision: '0123456789ab',
    attempt: 1,
    force: false,
    receivedAt: '2026-11-24T10:00:00.000Z',
    createdAt: '2026-11-24T10:00:00.000Z',
    destination: 'labelbox',
    destinationProject: 'p1',
    selection: { crops, frames, labelId, onInvalid, resend },
    elements: 1600,
    labels: 1500,
    leftOut: { frame: 2 },
    labelsSha256: '',
    indexSha256: '',
    leftOutSha256: '',
    summary: {
      classes: { top: [{ name: 'plate', labels: 1500 }], other: 0 },
      datasets: { top: [], other: 0 },
      inferenceSets: { top: [], other: 0 },
      frames: 800,
      sample: [],
    },
    ...change,
  };
}
