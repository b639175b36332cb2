import { expect } from 'chai';
import { bodyError, choiceError } from '../../lib/calls/body-error.js';
import { errorFacts } from '../../lib/calls/error-facts.js';

describe('Failures of a call', () => {
  it('are found in the body of a reply with status 200, in the fields of each gateway, and nowhere else', () => {
    const rows: Readonly<Record<string, readonly [reply: unknown, text: string | undefined, details?: unknown]>> = {
      'a text': [{ error: 'overloaded' }, 'overloaded', { type: 'error' }],
      OpenAI: [
        { error: { message: 'no', type: 'server_error', code: 500 } },
        'no',
        { type: 'server_error', code: 500 },
      ],
      'a code alone': [
        { error: { code: 'quota', status: '429' } },
        'quota',
        { type: 'error', code: 'quota', status: '429' },
      ],
      'a type alone': [{ error: { type: 'busy', status: 503 } }, 'busy', { type: 'busy', status: 503 }],
      'an empty error': [{ error: {} }, 'the reply reports an error', { type: 'error' }],
      MiniMax: [{ base_resp: { status_code: 1004, status_msg: 'no key' } }, 'no key', { type: 'error', code: 1004 }],
      'MiniMax, well': [{ base_resp: { status_code: 0, status_msg: 'success' } }, undefined],
      Qianfan: [{ error_code: 336, error_msg: 'no model' }, 'no model', { type: 'error', code: 336 }],
      Groq: [{ x_groq: { error: 'stopped' }, id: 'r', choices: [] }, 'stopped', { type: 'error' }],
      'Groq, well': [{ x_groq: { id: 'r' }, choices: [] }, undefined],
      vLLM: [{ object: 'error', message: 'too long', code: 400 }, 'too long', { type: 'error', code: 400 }],
      'a flag': [{ error: true, msg: 'no' }, 'no', { type: 'error' }],
      'a flag that is false': [{ error: false, msg: 'fine' }, undefined],
      'no success': [{ success: false, message: 'no', id: 'r' }, 'no', { type: 'error' }],
      'a code beside a message': [{ code: '401', msg: 'no key' }, 'no key', { type: 'error', code: '401' }],
      'a word beside a message': [{ code: 'denied', msg: 'no key' }, 'no key', { type: 'error', code: 'denied' }],
      'the code of success': [{ code: 200, message: 'ok' }, undefined],
      'the other code of success': [{ code: '0', msg: 'ok' }, undefined],
      'a code in a reply': [{ code: 17, message: 'ok', choices: [] }, undefined],
      'a message that says nothing': [{ code: 17, message: '' }, undefined],
      'a reply': [{ id: 'r', choices: [{ message: { content: 'Hi' } }] }, undefined],
      'an empty text': [{ error: '' }, undefined],
      'no object': ['error', undefined],
    };
    for (const [name, [reply, text, details]] of Object.entries(rows)) {
      for (const given of [reply, typeof reply === 'object' ? Object.assign(Object.create({}), reply) : reply]) {
        const found = bodyError(given);
        expect(found?.text, name).to.equal(text);
        expect(found?.details, name).to.deep.equal(details);
      }
    }
    expect(bodyError({ error: 'bad key sk-abcdef123456' })?.text).to.equal('bad key [key]');
    expect(choiceError({ finish_reason: 'error' })?.text).to.equal('the model failed');
    expect(choiceError({ finish_reason: 'error', error: 'why' })?.text).to.equal('why');
    expect(choiceError({ finish_reason: 'stop' })).to.equal(undefined);
  });

  it('have name, message, status and cause of whatever is thrown, without keys', () => {
    class RateLimitError extends Error {}
    class T extends Error {}
    const deep = (levels: number): Error =>
      new Error(`level ${levels}`, levels === 0 ? {} : { cause: deep(levels - 1) });
    const aborted = Object.assign(new Error('stopped'), { name: 'AbortError' });
    const google = new Error(JSON.stringify({ error: { message: 'no quota', status: 'RESOURCE_EXHAUSTED' } }));
    const aws = { name: 'ThrottlingException', message: 'slow', $metadata: { httpStatusCode: 429, requestId: 'r1' } };
    const rows: Readonly<Record<string, readonly [error: unknown, text: string, metadata: unknown]>> = {
      'a named class': [new RateLimitError('slow'), 'RateLimitError: slow', { error: { type: 'RateLimitError' } }],
      'a minified class': [new T('slow'), 'Error: slow', { error: { type: 'Error' } }],
      'a type and a status': [
        Object.assign(new Error('no'), { type: 'invalid', status: 400, code: 'c', request_id: 'r' }),
        'Error: no',
        { error: { type: 'invalid', status: 400, code: 'c', request_id: 'r' } },
      ],
      'a type within': [
        Object.assign(new Error('no'), { error: { error: { type: 'overloaded_error' } }, statusCode: 529, code: 7 }),
        'Error: no',
        { error: { type: 'overloaded_error', status: 529, code: 7 } },
      ],
      'Google’s answer': [google, 'Error: no quota', { error: { type: 'RESOURCE_EXHAUSTED' } }],
      AWS: [
        aws,
        'ThrottlingException: slow',
        { error: { type: 'ThrottlingException', status: 429, request_id: 'r1' } },
      ],
      'a cause': [deep(2), 'Error: level 2', { error: { type: 'Error', cause: 'level 0' } }],
      'a cause that is deep': [deep(9), 'Error: level 9', { error: { type: 'Error', cause: 'level 4' } }],
      'the first of several': [
        new AggregateError([new Error('ECONNREFUSED ::1'), new Error('other')], 'all failed'),
        'AggregateError: all failed',
        { error: { type: 'AggregateError', cause: 'ECONNREFUSED ::1' } },
      ],
      'an abort': [aborted, 'AbortError: stopped', { error: { type: 'AbortError' }, aborted: true }],
      'a key in it': [new Error('key sk-abcdef123456 is bad'), 'Error: key [key] is bad', { error: { type: 'Error' } }],
      'a text': ['no', 'Error: no', { error: { type: 'Error' } }],
    };
    for (const [name, [error, text, metadata]] of Object.entries(rows)) {
      const found = errorFacts(error);
      expect(found.text, name).to.equal(text);
      expect(JSON.parse(JSON.stringify(found.metadata)), name).to.deep.equal(metadata);
    }
    const hostile = new Proxy({}, { get: () => { throw new Error('no'); }, getPrototypeOf: () => { throw new Error('no'); } }); // biome-ignore format: one line
    expect(() => errorFacts(hostile)).not.to.throw();
    expect(errorFacts(hostile).text).to.be.a('string');
  });
});
