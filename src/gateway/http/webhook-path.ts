/** Deliveries are posted here. */
export const webhookPath = '/webhook';
