import type { IncomingMessage } from 'node:http';
import { createOperatorCheck } from '../../../src/gateway/auth/operator-check';
import { createSessions } from '../../../src/gateway/auth/session-cookie';
import { createWrongTokens } from '../../../src/gateway/auth/wrong-tokens';

const ann = { name: 'ann', token: 'token-of-ann' };
const bob = { name: 'bob', token: 'token-of-bob' };

describe('The cookie of a sign-in', () => {
  const at = 1_800_000_000_000;
  const sessions = (operators = [ann, bob], now = at) =>
    createSessions(operators, { isSecure: true, now: () => now });
  const cookie = sessions().start('ann').split(';')[0] ?? '';

  it('The cookie names its operator for twelve hours, at every gateway with the same tokens', () => {
    expect(sessions().read(withCookie(`other=1; ${cookie}; more=2`))).toEqual({ kind: 'valid', name: 'ann' });
    expect(sessions([bob, ann], at + 12 * 3_600_000 - 1000).read(withCookie(cookie))).toEqual({
      kind: 'valid',
      name: 'ann',
    });
    expect(sessions([ann], at + 12 * 3_600_000).read(withCookie(cookie))).toEqual({ kind: 'none' });
  });

  it('The cookie is for https alone when browsers reach the gateway by https', () => {
    expect(sessions().start('ann')).toMatch(
      /^__Host-requeue=.*; HttpOnly; SameSite=Strict; Path=\/; Secure$/,
    );
  });

  it('The cookie ends with its token', () => {
    expect(sessions([{ ...ann, token: 'a-new-one' }]).read(withCookie(cookie)).kind).toBe('forged');
    expect(sessions([bob]).read(withCookie(cookie)).kind).toBe('forged');
  });

  it('The cookie is invalid once a character is changed', () => {
    const [name, ends, mac] = cookie.split('=')[1]!.split('.') as [string, string, string];
    const as = (...parts: string[]) => sessions().read(withCookie(`__Host-requeue=${parts.join('.')}`)).kind;
    expect(as(name, ends, mac)).toBe('valid');
    expect(as(Buffer.from('bob').toString('base64url'), ends, mac)).toBe('forged');
    expect(as(name, String(Number(ends) + 1), mac)).toBe('forged');
    expect(as(name, ends, `${mac[0] === 'A' ? 'B' : 'A'}${mac.slice(1)}`)).toBe('forged');
    for (const parts of [
      ['', '', ''],
      [name, ends],
      [name, ends, ''],
      [name, 'x', mac],
      [name, ends, `${mac}A`],
    ])
      expect(as(...parts)).toBe('none');
  });
});

describe('Wrong tokens', () => {
  it('The delay of wrong tokens grows per address, and starts again after a while', () => {
    let now = 0;
    const wrong = createWrongTokens(() => now);
    const delays = (address: string, count: number) =>
      Array.from({ length: count }, () => wrong.delayMs(address));
    expect(delays('10.0.0.1', 7)).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
    expect(delays('10.0.0.2', 1)).toEqual([200]);
    now = 15 * 60_000;
    expect(delays('10.0.0.1', 2)).toEqual([200, 400]);
  });

  it('A wrong token counts for the whole network of an IPv6 address', () => {
    const wrong = createWrongTokens();
    expect(
      [
        '2001:db8::1',
        '2001:db8:0:0:ffff::2',
        '2001:db8:0:1::1',
        '::1',
        '::ffff:10.0.0.1',
        '::ffff:10.0.0.2',
      ].map((address) => wrong.delayMs(address)),
    ).toEqual([200, 400, 200, 200, 200, 200]);
  });

  it('Wrong tokens from many addresses do not fill the memory', () => {
    const wrong = createWrongTokens();
    wrong.delayMs('first');
    for (let at = 0; at < 10_000; at += 1) wrong.delayMs(`address-${at}`);
    expect(wrong.delayMs('first')).toBe(200);
    expect(wrong.delayMs('address-9999')).toBe(400);
  });

  it('The check delays wrong tokens of API and sign-in and forged cookies together, and never a right token', async () => {
    const waited: number[] = [];
    const check = createOperatorCheck({
      operators: [ann],
      publicUrl: 'http://requeue.example',
      wait: async (ms) => void waited.push(ms),
    });
    await expect(check.api(withBearer('nonsense'))).rejects.toMatchObject({ code: 'token-wrong' });
    await expect(check.signIn(withBearer(''), 'nonsense')).rejects.toMatchObject({ code: 'token-wrong' });
    const forged = createSessions([{ ...ann, token: 'a-guess' }], { isSecure: false })
      .start('ann')
      .split(';')[0]!;
    expect(await check.page(withCookie(forged))).toBeUndefined();
    expect(waited).toEqual([200, 400, 800]);
    expect(await check.api(withBearer(ann.token))).toBe('ann');
    const right = (await check.signIn(withBearer(''), ann.token)).split(';')[0]!;
    expect(await check.page(withCookie(right))).toBe('ann');
    await expect(check.api(withCookie(''))).rejects.toMatchObject({ code: 'token-missing' });
    expect(waited).toHaveLength(3);
  });

  it('A wrong token stays wrong next to a valid cookie', async () => {
    const check = createOperatorCheck({
      operators: [ann],
      publicUrl: 'http://requeue.example',
      wait: async () => undefined,
    });
    const cookie = (await check.signIn(withBearer(''), ann.token)).split(';')[0]!;
    const both = {
      ...withBearer('nonsense'),
      headers: { authorization: 'Bearer nonsense', cookie },
    } as IncomingMessage;
    await expect(check.api(both)).rejects.toMatchObject({ code: 'token-wrong' });
  });
});

function withCookie(cookie: string): IncomingMessage {
  return {
    method: 'GET',
    headers: { cookie },
    headersDistinct: {},
    socket: { remoteAddress: '10.0.0.1' },
  } as unknown as IncomingMessage;
}

function withBearer(token: string): IncomingMessage {
  const authorization = `Bearer ${token}`;
  return {
    method: 'GET',
    headers: { authorization },
    headersDistinct: { authorization: [authorization] },
    socket: { remoteAddress: '10.0.0.1' },
  } as unknown as IncomingMessage;
}
