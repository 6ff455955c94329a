/** The spellings of an element's id in the webhook guide and in the REST API. The first one that has a value counts. */
export const idKeys = ['element_id', 'elementId', 'id'] as const;
