/** The fields of a frame's label that Requeue reads. */
export interface FrameLabel {
  readonly uuid?: string | undefined;
  /** The class. */
  readonly label?: string | undefined;
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
}

/** The fields of an issue's element that Requeue reads. */
export interface Element {
  readonly elementId: string;
  readonly elementType: 'frame' | 'crop';
  /** `frame_data`: its `user__*` fields may contain the label id. */
  readonly frame: Readonly<Record<string, unknown>>;
  readonly labels: readonly FrameLabel[];
  /** `crop_data.uuid` of a crop. */
  readonly cropUuid?: string | undefined;
  /** Requeue only shows and counts it, as it does with the inference set. */
  readonly dataset?: string | undefined;
  readonly inferenceSet?: string | undefined;
  readonly frameId?: string | undefined;
}
