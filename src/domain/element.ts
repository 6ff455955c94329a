/** The fields of a label in Aquarium that Requeue reads. */
export interface FrameLabel {
  /** As sent. Only a non-empty string can be a label id. */
  readonly uuid: unknown;
  /** The class. */
  readonly label?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** `label_coordinate_frame`: the id of the label's sensor, or of the sensor's coordinate frame. */
  readonly coordinateFrame?: string;
}

/**
 * The fields of an issue's element that Requeue reads. Labels and inferences are as sent, because a route uses
 * only some of them: an entry is checked when it is used.
 */
export interface Element {
  readonly elementId: string;
  readonly elementType: 'frame' | 'crop';
  /** `frame_data`: its `user__*` fields may contain the label id. Empty when the element has none. */
  readonly frame: Readonly<Record<string, unknown>>;
  /** `frame_data.label_data`. Empty when the element has none. */
  readonly labels: readonly unknown[];
  /** `frame_data.inference_data`: a model's inferences. Empty when the element has none. */
  readonly inferences: readonly unknown[];
  /** `crop_data` of a crop: the label that the crop stands for. */
  readonly crop?: FrameLabel;
  /** `crop_type` of a crop: `label` or `inference`. Old clients don't send it. */
  readonly cropType?: string;
  /** Requeue only shows and counts the dataset. */
  readonly dataset?: string;
  readonly inferenceSet?: string;
  /** `frame_id`, or the frame's `task_id`, or the element id of a frame. */
  readonly frameId?: string;
  readonly faults: ElementFaults;
}

/**
 * Parts of an element that are missing or have the wrong type, for example `frame_data: expected object,
 * received string`. A fault makes the element invalid only if the route uses the part.
 */
interface ElementFaults {
  /** Why `labels` is empty. */
  readonly labels?: string;
  /** Why `crop` is absent. */
  readonly crop?: string;
}
