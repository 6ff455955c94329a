/** One label of a frame, as far as Requeue reads it. */
export interface FrameLabel {
  readonly uuid?: string | undefined;
  /** The class. */
  readonly label?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** An element of an issue, as far as Requeue reads it. */
export interface Element {
  readonly elementId: string;
  readonly elementType: 'frame' | 'crop';
  /** `frame_data`, for its `user__*` fields. */
  readonly frame: Readonly<Record<string, unknown>>;
  readonly labels: readonly FrameLabel[];
  /** `crop_data.uuid` of a crop. */
  readonly cropUuid?: string | undefined;
  /** Only shown and counted. */
  readonly dataset?: string | undefined;
  readonly inferenceSet?: string | undefined;
  readonly frameId?: string | undefined;
}
