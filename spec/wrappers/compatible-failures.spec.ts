import { expect } from 'chai';
import { rejection } from '../support/recorded.js';
import { chunk, messages, reply, stream, useCompatible } from './support/compatible-wire.js';

describe('wrapOpenAI(): compatible servers', () => {
  const { scene, client, ask, askStreamed } = useCompatible();

  describe('failures in a reply of status 200', () => {
    const error = { message: 'Provider returned error', code: 502, metadata: { provider_name: 'x' } };
    const failed = { status: 'ERROR', error: 'Provider returned error' };

    it('fails for one at the top', async () => {
      scene.answer = { kind: 'json', body: { error, user_id: 'u' } };
      await client().chat.completions.create({ model: 'm', messages });
      expect(scene.recorded.span).to.deep.include(failed);
      expect(scene.recorded.span.metadata?.error).to.deep.equal({ type: 'error', code: 502 });
      expect(scene.recorded.trace.status).to.equal('ERROR');
    });

    it('fails for one in a choice, and keeps its text', async () => {
      await ask(reply({ finish_reason: 'error', error, message: { role: 'assistant', content: 'par' } }));
      expect(scene.recorded.span).to.deep.include(failed);
      expect(scene.recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'par' }] });
    });

    it('fails for one in a choice of a chunk', async () => {
      await askStreamed(stream(chunk({ content: 'par' }), chunk({}, { finish_reason: 'error', error })));
      expect(scene.recorded.span).to.deep.include(failed);
    });

    it('fails for one that is a chunk, which the client throws', async () => {
      const thrown = await rejection(askStreamed(stream(chunk({ content: 'par' }), { error })));
      expect(scene.recorded.span.status).to.equal('ERROR');
      expect(scene.recorded.span.error).to.include('Provider returned error');
      expect(thrown.message).to.include('Provider returned error');
    });

    it('fails for one that is a text, and for one of embeddings and responses', async () => {
      scene.answer = { kind: 'json', body: { error: 'model overloaded, key sk-live-1234567890' } };
      await client().chat.completions.create({ model: 'm', messages });
      await client().embeddings.create({ model: 'm', input: 'x', encoding_format: 'float' });
      scene.answer = { kind: 'json', body: { error, output: [] } };
      await client().responses.create({ model: 'm', input: 'x' });
      expect(scene.recorded.spans.map((span) => [span.status, span.error])).to.deep.equal([
        ['ERROR', 'model overloaded, key [key]'],
        ['ERROR', 'model overloaded, key [key]'],
        ['ERROR', 'Provider returned error'],
      ]);
    });

    const told: readonly (readonly [server: string, body: object, error: string, code?: unknown])[] = [
      ['MiniMax', { choices: null, base_resp: { status_code: 1004, status_msg: 'login fail' } }, 'login fail', 1004],
      ['Qianfan', { error_code: 336_501, error_msg: 'too fast' }, 'too fast', 336_501],
      ['vLLM, SGLang', { object: 'error', message: 'too long', type: 'BadRequestError', code: 400 }, 'too long', 400],
      ['Spark', { code: 10_013, message: 'not allowed', sid: 's' }, 'not allowed', 10_013],
      ['One API', { success: false, message: 'no channel' }, 'no channel'],
      ['a proxy', { error: true, message: 'upstream timed out', code: 'timeout' }, 'upstream timed out', 'timeout'],
    ];
    for (const [server, body, message, code] of told) {
      it(`fails for one in the words of ${server}`, async () => {
        await ask({ kind: 'json', body });
        const { span } = scene.recorded;
        expect(span).to.deep.include({ status: 'ERROR', error: message });
        expect(span.metadata?.error).to.deep.include(code === undefined ? {} : { code });
      });
    }

    it('fails for one that stops a stream of Groq early, and for a choice whose only sign is its finish reason', async () => {
      await askStreamed(stream(chunk({ content: 'par' }), chunk({}, {}, { x_groq: { error: 'over capacity' } })));
      await askStreamed(stream(chunk({ content: 'par' }), chunk({}, { finish_reason: 'error' })));
      await ask(reply({ finish_reason: 'error', message: { role: 'assistant', content: 'par' } }));
      const { spans } = scene.recorded;
      expect(spans.map((span) => [span.status, span.error])).to.deep.equal([
        ['ERROR', 'over capacity'],
        ['ERROR', 'the model failed'],
        ['ERROR', 'the model failed'],
      ]);
      for (const { output } of spans) expect(JSON.stringify(output)).to.include('par');
    });

    it('does not fail for codes and words of success', async () => {
      const message = { role: 'assistant', content: 'warm' };
      await ask(reply({ message }, { base_resp: { status_code: 0, status_msg: '' }, code: 0, message: 'success' }));
      await ask(reply({ message }, { code: 200, msg: 'ok', success: true }));
      expect(scene.recorded.spans.map(({ status }) => status)).to.deep.equal(['OK', 'OK']);
    });

    it('does not fail for an error that is null', async () => {
      await ask(reply({ message: { role: 'assistant', content: 'warm' }, error: null }, { error: null }));
      expect(scene.recorded.span.status).to.equal('OK');
    });
  });

  describe('a reply that the client cannot read', () => {
    it('fails if the reply is not JSON', async () => {
      scene.answer = { kind: 'text', text: '{"id": "c1", "choi' };
      await rejection(client().chat.completions.create({ model: 'm', messages }));
      expect(scene.recorded.span.status).to.equal('ERROR');
    });

    it('fails if parse() finds another object, and keeps the reply and its tokens', async () => {
      scene.answer = reply(
        { message: { role: 'assistant', content: '{"degrees":"warm"' } },
        { usage: { prompt_tokens: 2, completion_tokens: 1 } },
      );
      const format = { type: 'json_schema' as const, json_schema: { name: 'w', schema: {}, strict: true } };
      const parsed = client().chat.completions.parse({
        model: 'm',
        messages,
        response_format: Object.assign(format, { $brand: 'auto-parseable-response-format', $parseRaw: JSON.parse }),
      });
      const thrown = await rejection(parsed);
      expect(thrown).to.be.instanceOf(SyntaxError);
      expect(scene.recorded.span.status).to.equal('ERROR');
      expect(scene.recorded.span.error).to.include('SyntaxError');
      expect(scene.recorded.span.tokenUsage).to.include({ prompt_tokens: 2 });
      expect(scene.recorded.span.output).to.deep.equal({
        messages: [{ role: 'assistant', content: '{"degrees":"warm"' }],
      });
    });

    it('fails if parse() meets a truncated reply', async () => {
      scene.answer = reply({ finish_reason: 'length', message: { role: 'assistant', content: '{' } });
      const format = { type: 'json_object' as const };
      const thrown = await rejection(
        client().chat.completions.parse({
          model: 'm',
          messages,
          response_format: Object.assign(format, { $brand: 'auto-parseable-response-format', $parseRaw: JSON.parse }),
        }),
      );
      expect(scene.recorded.span.status).to.equal('ERROR');
      expect(scene.recorded.span.error).to.include(thrown.constructor.name);
    });
  });
});
