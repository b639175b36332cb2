import { expect } from 'chai';
import { sdkScene } from './support/vercel-ai.js';

const bytes = new Uint8Array(3000);
const base64 = Buffer.from(bytes).toString('base64');
const address = 'https://example.com/a';

type Row = readonly [written: object, recorded: object];

/** Each form of a file in a message that all versions of the SDK have, and as it is recorded. */
const common: readonly Row[] = [
  [
    { type: 'image', image: address },
    { type: 'image', url: address },
  ],
  [
    { type: 'image', image: new URL(address) },
    { type: 'image', url: address },
  ],
  [
    { type: 'file', data: base64, mediaType: 'application/pdf', filename: 'a.pdf' },
    { type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 3000 },
  ],
  [
    { type: 'file', data: `data:video/mp4;base64,${base64}`, mediaType: 'video/mp4' },
    { type: 'video', mime_type: 'video/mp4', size_bytes: 3000 },
  ],
];

/** Those of version 7; older ones report bytes without their number. Source: `@ai-sdk/provider-utils`, `FilePart`. */
const newest: readonly Row[] = [
  [
    { type: 'image', image: bytes, mediaType: 'image/png' },
    { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
  ],
  [
    { type: 'file', data: bytes.buffer, mediaType: 'audio/wav' },
    { type: 'audio', mime_type: 'audio/wav', size_bytes: 3000 },
  ],
  [
    { type: 'file', data: { type: 'data', data: bytes }, mediaType: 'image/png' },
    { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
  ],
  [
    { type: 'file', data: { type: 'url', url: new URL(address) }, mediaType: 'image' },
    { type: 'image', url: address },
  ],
  [
    { type: 'file', data: bytes, mediaType: 'audio' },
    { type: 'audio', size_bytes: 3000 },
  ],
  [
    { type: 'file', data: { type: 'reference', reference: { openai: 'f-1' } }, mediaType: 'application/pdf' },
    { type: 'file', mime_type: 'application/pdf', id: 'f-1' },
  ],
  [
    { type: 'file', data: { openai: 'f-1' }, mediaType: 'application/pdf' },
    { type: 'file', mime_type: 'application/pdf', id: 'f-1' },
  ],
  [
    { type: 'file', data: { type: 'text', text: 'It is 42' }, mediaType: 'text/plain', filename: 'a.txt' },
    { type: 'file', mime_type: 'text/plain', name: 'a.txt', content: 'It is 42' },
  ],
];

for (const version of [7, 6, 5] as const) {
  describe(`Files in messages of ai ${version}`, () => {
    const scene = sdkScene(version);
    for (const [written, recorded] of version === 7 ? [...common, ...newest] : common)
      it(`are recorded as ${JSON.stringify(recorded)}: ${JSON.stringify(written).slice(0, 70)}`, async () => {
        const text = { type: 'text', text: 'Look' };
        scene.answer([{ text: 'Yes' }]);
        const messages = [{ role: 'user', content: [text, written] }] as never;
        // The provider may take no such file.
        await scene.ai.generateText({ model: scene.openai.chat('gpt-x'), messages, ...scene.traced() }).catch(() => {});
        const [run] = scene.recorded.spans;
        expect(run?.input).to.deep.equal({ messages: [{ role: 'user', content: [text, recorded] }] });
      });
  });
}
