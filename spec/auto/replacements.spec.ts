import { expect } from 'chai';
import { addTracer } from '../../lib/auto/add-tracer.js';
import { attachments } from '../../lib/auto/attachments.js';
import {
  beforeFirstCall,
  type LoadPart,
  type Replace,
  whenCalled,
  whenCreatedBy,
  whenLoaded,
} from '../../lib/auto/replacements.js';
import { createTaker } from '../../lib/auto/taker.js';
import { bareKey } from '../../lib/common/bare.js';
import { fakeTime } from '../support/fake-time.js';

const load: LoadPart = () => ({});

describe('A class that is replaced', () => {
  let wrapped: object[];
  const replace = whenCreatedBy(() => (object) => wrapped.push(object as object));
  const replaced = <T extends object>(value: T, by: Replace = replace): T => by(value, load, 'Client') as T;
  beforeEach(() => {
    wrapped = [];
  });

  function classes() {
    class Client {
      static readonly shared = 'shared';
      static Client: unknown;
      readonly args: unknown[];
      readonly made: unknown;
      constructor(...args: unknown[]) {
        this.args = args;
        this.made = new.target;
      }
      get kind() {
        return 'client';
      }
    }
    Client.Client = Client; // as the packages of OpenAI and Anthropic have it
    return { Client };
  }

  it('makes the same objects, each wrapped once', () => {
    const { Client } = classes();
    const Replaced = replaced(Client);
    const client = new Replaced(1, 'two');
    expect(client).to.deep.include({ args: [1, 'two'], made: Client });
    expect(wrapped).to.deep.equal([client]);
    expect([client instanceof Client, client instanceof Replaced, client.kind]).to.deep.equal([true, true, 'client']);
    expect([Replaced.name, Replaced.length, Replaced.shared]).to.deep.equal(['Client', 0, 'shared']);
    expect(Replaced.Client, 'also where it refers to itself').to.equal(Replaced);
    expect(new (Replaced.Client as typeof Client)()).to.equal(wrapped[1]);
  });

  it('wraps objects of subclasses, with and without a replacement of their own, once and when they are complete', () => {
    const { Client } = classes();
    const Replaced = replaced(Client);
    const seen: unknown[] = [];
    class Own extends Replaced {
      readonly own = 'own';
    }
    const own = new Own();
    expect(wrapped).to.deep.equal([own]);
    expect(own).to.include({ own: 'own', made: Own });

    class Azure extends Replaced {
      readonly azure = 'azure';
    }
    const ReplacedAzure = replaced(
      Azure,
      whenCreatedBy(() => (object) => seen.push((object as { azure?: string }).azure)),
    );
    const azure = new ReplacedAzure();
    expect(seen).to.deep.equal(['azure']);
    expect(wrapped, 'not as a client that is not complete').to.deep.equal([own]);
    expect(azure.made).to.equal(Azure);

    class Other extends Client {
      readonly inner = new Replaced();
    }
    const ReplacedOther = replaced(Other);
    const other = new ReplacedOther();
    expect(wrapped.slice(1), 'one within another').to.deep.equal([other.inner, other]);
  });

  it('throws what its constructor throws, and wraps the next object as before', () => {
    const mine = new Error('mine');
    let isBad = true;
    class Client {
      constructor() {
        if (isBad) throw mine;
      }
    }
    const Replaced = replaced(Client);
    expect(() => new Replaced()).to.throw(mine);
    isBad = false;
    const client = new Replaced();
    expect(wrapped).to.deep.equal([client]);
  });

  it('works as before if it cannot be wrapped', () => {
    const fails = whenCreatedBy(() => {
      throw new Error('no settings');
    });
    const Replaced = replaced(classes().Client, fails);
    expect(new Replaced('a').args).to.deep.equal(['a']);
  });
});

describe('A function that is replaced', () => {
  it('is wrapped at its first call, which has the same this and arguments, and names its original', () => {
    const original = function add(this: unknown, ...args: unknown[]) {
      return [this, ...args];
    };
    const calls: unknown[][] = [];
    let loads = 0;
    const replace = whenCalled((_, value, name) => {
      loads += 1;
      return function wrapped(this: unknown, ...args: unknown[]) {
        calls.push([name, ...args]);
        return Reflect.apply(value as typeof original, this, args);
      };
    });
    const replaced = replace(original, load, 'add') as typeof original;
    expect(loads).to.equal(0);
    const self = {};
    expect(Reflect.apply(replaced, self, [1, 2])).to.deep.equal([self, 1, 2]);
    expect(replaced.call(self)).to.deep.equal([self]);
    expect([loads, calls]).to.deep.equal([1, [['add', 1, 2], ['add']]]);
    expect([replaced.name, Reflect.get(replaced, bareKey)]).to.deep.equal(['add', original]);
  });

  it('works as before while it cannot be wrapped, and is wrapped as soon as it can be', () => {
    let isReady = false;
    const replace = whenCalled(() => {
      if (!isReady) throw new Error('no settings');
      return () => 'wrapped';
    });
    const replaced = replace(() => 'bare', load, 'f') as () => string;
    expect(replaced()).to.equal('bare');
    isReady = true;
    expect(replaced()).to.equal('wrapped');
  });
});

describe('A method before whose first call something is done', () => {
  it('is called as before; the action is repeated before the next call only if it failed', () => {
    class Agent {
      static readonly done: string[] = [];
      run(...args: unknown[]) {
        return [this, ...args];
      }
    }
    const before = Object.getOwnPropertyDescriptor(Agent.prototype, 'run');
    let runs = 0;
    const replace = beforeFirstCall('run', () => {
      runs += 1;
      if (runs < 2) throw new Error('no settings');
    });
    expect(replace(Agent, load, 'Agent')).to.equal(Agent);
    const agent = new Agent();
    for (let i = 0; i < 4; i += 1) expect(agent.run(i)).to.deep.equal([agent, i]);
    expect(runs).to.equal(2);
    const after = Object.getOwnPropertyDescriptor(Agent.prototype, 'run');
    expect({ ...after, value: undefined }).to.deep.equal({ ...before, value: undefined });
    expect(beforeFirstCall('missing', () => expect.fail())(Agent, load, 'Agent')).to.equal(Agent);
  });
});

describe('What is done when a file is loaded', () => {
  it('is done at once, or once more in a moment if settings are missing, and changes no export', () => {
    const clock = fakeTime('setTimeout');
    try {
      const asked: unknown[] = [];
      let fails = 2;
      const replace = whenLoaded((part, value) => {
        asked.push([part('x'), value]);
        fails -= 1;
        if (fails >= 0) throw new Error('no settings');
      });
      const value = {};
      const parts: LoadPart = (_, isLast) => ({ isLast });
      expect(replace(value, parts, 'x')).to.equal(value);
      expect(asked).to.deep.equal([[{ isLast: false }, value]]);
      clock.tick(1000);
      expect(asked[1]).to.deep.equal([{ isLast: undefined }, value]);
      clock.tick(1000);
      expect(asked, 'not a third time').to.have.length(2);
      expect(replace(value, parts, 'x')).to.equal(value);
      clock.tick(1000);
      expect(asked).to.have.length(3);
    } finally {
      clock.restore();
    }
  });
});

describe('The exports of a CommonJS file', () => {
  const at = attachments.findIndex(({ id }) => id === 'openai');

  it('have one replacement wherever they had the class, and are otherwise unchanged', () => {
    const taker = createTaker(load);
    class OpenAI {}
    const instead = taker.take(at, 'OpenAI', OpenAI);
    expect(instead).to.not.equal(OpenAI);
    expect([taker.take(at, 'OpenAI', OpenAI), taker.take(at, 'OpenAI', instead)]).to.deep.equal([instead, instead]);
    for (const value of [undefined, null, 5, 'x']) expect(taker.take(at, 'OpenAI', value)).to.equal(value);
    expect(taker.take(attachments.length, 'OpenAI', OpenAI), 'an unknown one').to.equal(OpenAI);

    let reads = 0;
    const getter = {
      get lazy() {
        reads += 1;
        return OpenAI;
      },
    };
    const exports = Object.defineProperties(
      { OpenAI, default: OpenAI, toFile: 5, nothing: null },
      {
        ...Object.getOwnPropertyDescriptors(getter),
        fixed: { value: OpenAI, writable: false },
      },
    );
    const module = { exports: exports as unknown };
    taker.put(module);
    expect(module.exports).to.equal(exports);
    expect(exports).to.include({ OpenAI: instead, default: instead, toFile: 5, nothing: null, fixed: OpenAI });
    expect(reads).to.equal(0);

    const whole = { exports: OpenAI as unknown };
    taker.put(whole);
    expect(whole.exports).to.equal(instead);
    const none = { exports: undefined as unknown };
    taker.put(none);
    expect(none.exports).to.equal(undefined);
  });
});

describe('addTracer()', () => {
  const otel = Symbol.for('opentelemetry.js.api.1');
  const tracer = { name: 'ours' };
  let made = 0;
  const call = addTracer(
    (...args: unknown[]) => args,
    () => {
      made += 1;
      return tracer;
    },
  );
  const withOtel = (run: () => void) => {
    const holder = globalThis as { [otel]?: unknown };
    const before = holder[otel];
    holder[otel] = { trace: {} };
    try {
      run();
    } finally {
      holder[otel] = before;
    }
  };

  it('gives each call a tracer, unless it has one, recording is off for it, or it reports to a tracer of the program', () => {
    const ours = (more: object = {}) => [
      { model: 'm', experimental_telemetry: { ...more, isEnabled: true, tracer } },
      2,
    ];
    const given = (telemetry?: unknown) => ({ model: 'm', experimental_telemetry: telemetry });
    expect(call({ model: 'm' }, 2)).to.deep.equal(ours());
    expect(call(given(null), 2)).to.deep.equal(ours());
    expect(call(given({ functionId: 'f' }), 2)).to.deep.equal(ours({ functionId: 'f' }));
    expect(call(given({ isEnabled: true }), 2)).to.deep.equal(ours());
    for (const telemetry of [{ isEnabled: false }, { tracer: 'theirs' }, 5, 'x'])
      expect(call(given(telemetry))).to.deep.equal([given(telemetry)]);
    withOtel(() => {
      expect(call(given({ isEnabled: true }))).to.deep.equal([given({ isEnabled: true })]);
      expect(call({ model: 'm' }, 2)).to.deep.equal(ours());
    });
    expect(made).to.equal(1);
  });

  it('leaves calls unchanged that it cannot read, or if there is no tracer', () => {
    for (const args of [[], [undefined], [null], ['x']]) expect(call(...args)).to.deep.equal(args);
    const odd = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(call(odd)[0]).to.equal(odd);
    const fails = addTracer(
      (options: unknown) => options,
      () => {
        throw new Error('no settings');
      },
    );
    const options = { model: 'm' };
    expect(fails(options)).to.equal(options);
  });
});
