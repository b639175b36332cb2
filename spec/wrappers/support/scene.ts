import { type Answer, type Provider, startProvider } from '../../support/provider.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';

/** A provider that answers what it is told to, and what was recorded in the case that runs. */
export interface Scene {
  /** What every request is answered; nothing at all until it is set. */
  answer: Answer;
  readonly url: string;
  readonly recorded: Recorded;
}

/** A scene for the cases of one `describe`, which calls it. */
export function useScene(): Scene {
  let provider: Provider;
  let recorded: Recorded;
  const scene: Scene = {
    answer: { kind: 'hang' },
    get url() {
      return provider.url;
    },
    get recorded() {
      return recorded;
    },
  };
  before(async () => {
    provider = await startProvider(() => scene.answer);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    scene.answer = { kind: 'hang' };
    recorded = record();
  });
  afterEach(stopRecording);
  return scene;
}

export const json = (body: unknown): Answer => ({ kind: 'json', body });
