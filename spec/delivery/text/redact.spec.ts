import { expect } from 'chai';
import { createRedact } from '../../../lib/delivery/text/redact.js';
import { scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { raw, startRawServer } from '../../support/raw-server.js';
import { until } from '../../support/until.js';

const key = 'sk_pp_Zq7/vK+3mT9-xW2bLr8Yc4';
const own = key.slice('sk_pp_'.length);

/** The ways in which a server may repeat a key. */
const echoes: Record<string, (key: string) => string> = {
  'as it is': (it) => it,
  'in another case': (it) => it.toUpperCase(),
  'as JSON escapes': (it) => [...it].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join(''),
  'as JSON escapes twice': (it) => [...it].map((char) => `\\\\u00${char.charCodeAt(0).toString(16)}`).join(''),
  'as PHP does': (it) => it.replaceAll('/', '\\/'),
  'URL-encoded': (it) => encodeURIComponent(it),
  'URL-encoded, every character': (it) => [...it].map((char) => `%${char.charCodeAt(0).toString(16)}`).join(''),
  'URL-encoded twice': (it) => encodeURIComponent(encodeURIComponent(it)),
  'as HTML entities': (it) => [...it].map((char) => `&#${char.charCodeAt(0)};`).join(''),
  'as hexadecimal HTML entities': (it) => [...it].map((char) => `&#x${char.charCodeAt(0).toString(16)};`).join(''),
  'in base64': (it) => Buffer.from(it).toString('base64'),
  'in base64 behind something': (it) => Buffer.from(`user:${it}`).toString('base64'),
  'in base64 behind something else': (it) => Buffer.from(`api-key ${it}, yes`).toString('base64'),
  'in base64 for URLs': (it) => Buffer.from(it).toString('base64url'),
  'in hexadecimal': (it) => Buffer.from(it).toString('hex'),
  'over two lines': (it) => `${it.slice(0, 11)}\\n${it.slice(11)}`,
  'over lines of four': (it) => it.replace(/(.{4})/g, '$1\\r\\n'),
  'with spaces': (it) => [...it].join(' '),
  'with dashes': (it) => it.replace(/(.{4})/g, '$1-'),
  'cut in front': (it) => it.slice(8),
  'cut behind': (it) => it.slice(0, 14),
  'without its prefix': () => own,
  'with an escape in the middle': (it) => `${it.slice(0, 9)}\\u001b[0m${it.slice(9)}`,
};

/** Eight letters or digits of the key in a row, whatever is between them. */
function holdsKey(text: string): boolean {
  const letters = (it: string) => it.replace(/[^a-z0-9]/gi, '').toLowerCase();
  const plain = text
    .replace(/\\u00([0-9a-f]{2})|%([0-9a-f]{2})|&#x([0-9a-f]{2});/gi, (_, ...codes) =>
      String.fromCharCode(Number.parseInt(codes.find((code) => typeof code === 'string') ?? '0', 16)),
    )
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  const shown = [letters(text), letters(plain)];
  const forms = [
    key,
    ...['', 'a', 'ab'].map((before) =>
      Buffer.from(before + key)
        .toString('base64')
        .slice(4),
    ),
  ];
  return [...forms, Buffer.from(key).toString('hex')].some((form, i) => {
    const least = i === 0 ? 8 : 16;
    const whole = letters(form);
    for (let at = 0; at + least <= whole.length; at += 1)
      if (shown.some((text) => text.includes(whole.slice(at, at + least)))) return true;
    return false;
  });
}

describe('createRedact()', () => {
  const redact = createRedact([key]);
  for (const [how, echo] of Object.entries(echoes)) {
    it(`removes a key that is repeated ${how}, and leaves the text around it`, () => {
      const shown = redact(`before: ${echo(key)} :after`);
      expect(holdsKey(shown), shown).to.equal(false);
      expect(shown).to.match(/^before: .*:after$/s);
    });
  }

  it('leaves other text as it is', () => {
    const texts = [
      "You've reached the traces limit for your plan (100 a month).",
      'Invalid API key: expected sk_pp_…',
      'key must start with sk_pp_',
      '100% of &amp; \\n %zz &#9999999; \\u00',
      '',
    ];
    for (const text of texts) expect(redact(text)).to.equal(text);
  });

  it('removes a short key as a whole word, and leaves words that contain it', () => {
    const short = createRedact(['key1', '']);
    expect(short('a key1, "key1" and key12')).to.equal('a …, "…" and key12');
    expect(createRedact(['k'])('back k')).to.equal('back …');
    expect(createRedact(['sk_pp_SECRET'])('bad SECRET')).to.equal('bad …');
  });

  it('removes each of several secrets', () => {
    expect(createRedact(['password-one', 'password-two'])('password-one and password-two')).to.equal('… and …');
  });
});

describe('Delivery, from a server that repeats the key', () => {
  /** Everything that is said while a server answers like that. */
  async function said(answer: string, status: string, ...headers: string[]): Promise<string> {
    await using server = await startRawServer(({ socket }) => socket.write(raw(status, answer, ...headers)));
    const { delivery, lines, losses } = startDelivery(server.url, { apiKey: key });
    const trace = traceRecord({ spans: [spanRecord()] });
    delivery.trace(trace);
    delivery.trace(traceRecord());
    delivery.trace(traceRecord());
    delivery.score(scoreRecord(trace.traceId));
    void delivery.flush();
    const isSaid = () => lines.some((line) => line.includes('HTTP ')) || losses.length > 0;
    await until(() => isSaid() && server.requests.length >= 3);
    await delivery.shutdown({ timeoutMs: 0 });
    const told = `${lines.join('\n')}\n${losses.map(({ message }) => message).join('\n')}`;
    expect(told, 'something was said').to.include(`HTTP ${status.slice(0, 3)}`);
    for (const line of [...lines, ...losses.map(({ message }) => message)])
      expect(line).to.not.match(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
    return told;
  }

  for (const [how, echo] of Object.entries(echoes)) {
    it(`P16 never says it (${how})`, async () => {
      const told = await said(`{"detail":"bad key ${echo(key)} for you"}`, '400 Bad Request');
      expect(holdsKey(told), told).to.equal(false);
      expect(told).to.include('bad key');
    });
  }

  const places: Record<string, [answer: string, status: string, ...headers: string[]]> = {
    'in an error that blocks': [`{"detail":"${key}"}`, '401 Unauthorized'],
    'in a page': [`<html><body>Your key <b>${key}</b> is wrong`, '502 Bad Gateway'],
    'in a 200': [`<html>${key}`, '200 OK'],
    'in a complaint': [
      `{"detail":"Validation error","errors":[{"field":"name -> ${key}","message":"not ${key}"}]}`,
      '422 Unprocessable',
    ],
    'in the target of a redirect': ['', '302 Found', `Location: https://x.example/${key}/login?key=${key}`],
    'at the end of what is shown': [`{"detail":"${'x'.repeat(190)}${key}"}`, '400 Bad Request'],
    'far behind': [`{"detail":"${'x'.repeat(5000)}${key}"}`, '400 Bad Request'],
    'in a list of details': [`{"detail":[{"loc":["header"],"msg":"bad ${key}"}]}`, '400 Bad Request'],
    'with control characters around it': [
      `{"detail":"\\u001b[2J\\u202e${key}\\n[pandaprobe] error: forged\\u2028\\u009b"}`,
      '400 Bad Request',
    ],
  };
  for (const [where, [answer, status, ...headers]] of Object.entries(places)) {
    it(`P16 never says it (${where})`, async () => {
      const told = await said(answer, status, ...headers);
      expect(holdsKey(told), told).to.equal(false);
    });
  }
});
