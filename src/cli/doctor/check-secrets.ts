import type { Finding } from './finding';
import type { Subject } from './subject';

/** Aquarium's own are longer; anything shorter, or made of a few characters, can be guessed through an open port. */
const leastLength = 16;
const leastDistinct = 6;

/** Whether webhook secret and operator tokens are set and hard to guess. Says nothing of what they are. */
export function checkSecrets(subject: Subject): Finding[] {
  return [webhookSecret(subject), operatorTokens(subject)];
}

function webhookSecret({ mode, config: { webhookSecrets } }: Subject): Finding {
  const part = 'webhook secret';
  if (webhookSecrets.length === 0) {
    return mode === 'dev'
      ? {
          part,
          state: 'well',
          says: 'None is set: the webhook of dev is open, and listens on this machine alone.',
        }
      : {
          part,
          state: 'wrong',
          says: 'AQ_WEBHOOK_SECRET is not set here; a gateway does not start without it.',
          todo: 'generate a secret in Aquarium’s organisation settings, and give it to Requeue as AQ_WEBHOOK_SECRET',
        };
  }
  const weak = webhookSecrets.findIndex(isWeak);
  if (weak === -1)
    return {
      part,
      state: 'well',
      says: `${webhookSecrets.length === 1 ? 'One is' : `${webhookSecrets.length} are`} set.`,
    };
  return {
    part,
    state: mode === 'dev' ? 'note' : 'wrong',
    says: `${secretPosition(weak, webhookSecrets.length, 'AQ_WEBHOOK_SECRET')} is weak: ${weakness}.`,
    todo: 'generate another in Aquarium’s organisation settings; AQ_WEBHOOK_SECRET=<new>,<old> accepts both for a while',
  };
}

function operatorTokens({ mode, operators }: Subject): Finding {
  const part = 'operator tokens';
  if (operators.length === 0) {
    return mode === 'dev'
      ? { part, state: 'note', says: 'None is there yet.', todo: 'nothing: npm run dev makes one' }
      : {
          part,
          state: 'wrong',
          says: 'OPERATOR_TOKENS is not set here: nobody can approve or replay through the gateway.',
          todo: 'set OPERATOR_TOKENS to name:token pairs; a token: openssl rand -base64 24',
        };
  }
  const weak = operators.find(({ token }) => isWeak(token));
  if (!weak)
    return {
      part,
      state: 'well',
      says: `${operators.length === 1 ? 'One operator has a token' : `${operators.length} operators have tokens`}.`,
    };
  return {
    part,
    state: mode === 'dev' ? 'note' : 'wrong',
    says: `The token of ${weak.name} is weak: ${weakness}.`,
    todo: 'make another: openssl rand -base64 24',
  };
}

const weakness = `expected at least ${leastLength} characters, ${leastDistinct} of them different`;

function isWeak(secret: string): boolean {
  return secret.length < leastLength || new Set(secret).size < leastDistinct;
}

function secretPosition(index: number, count: number, variable: string): string {
  return count === 1 ? variable : `Number ${index + 1} of ${variable}`;
}
