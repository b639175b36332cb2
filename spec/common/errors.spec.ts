import { expect } from 'chai';
import { DeliveryError, errorCodes, PandaProbeError, SettingsError, UsageError } from '../../lib/common/errors.js';
import { PlatformError, platformErrorCodes, UnknownOutcomeError } from '../../lib/platform/errors.js';

describe('PandaProbeError', () => {
  it('carries its code, name and cause', () => {
    const cause = new Error('why');
    const error = new PandaProbeError('ERR_SETTINGS', 'expected a', { cause });
    expect(error).to.be.instanceOf(Error).and.include({ code: 'ERR_SETTINGS', name: 'PandaProbeError', cause });
  });

  it('is the base of settings and delivery errors', () => {
    const settings = new SettingsError('endpoint', 'expected a URL');
    expect(settings).to.be.instanceOf(PandaProbeError);
    expect(settings).to.include({ name: 'SettingsError', code: 'ERR_SETTINGS', option: 'endpoint' });
    const delivery = new DeliveryError('refused', { status: 422, attempts: 2, items: 1 });
    expect(delivery).to.be.instanceOf(PandaProbeError);
    expect(delivery).to.include({ name: 'DeliveryError', code: 'ERR_DELIVERY', status: 422, attempts: 2, items: 1 });
  });
});

describe('UsageError', () => {
  it('is a TypeError with a code', () => {
    const error = new UsageError('a decorator on a field');
    expect(error).to.be.instanceOf(TypeError).and.include({ name: 'UsageError', code: 'ERR_USAGE' });
  });

  it('is a PandaProbeError as well, and no other error of this package', () => {
    const error = new UsageError('a decorator on a field');
    expect(error).to.be.instanceOf(PandaProbeError).and.instanceOf(Error);
    expect(error).to.not.be.instanceOf(SettingsError).and.not.instanceOf(DeliveryError);
    class Own extends PandaProbeError {}
    expect(error).to.not.be.instanceOf(Own);
    expect(new Own('ERR_USAGE', 'mine')).to.be.instanceOf(Own).and.instanceOf(PandaProbeError);
    for (const other of [new TypeError('a'), { code: 'ERR_USAGE' }, undefined, null, 'ERR_USAGE']) {
      expect(other instanceof PandaProbeError).to.equal(false);
    }
  });
});

describe('errorCodes', () => {
  it('explains every code an error can have', () => {
    const codes = [
      ...[new SettingsError('a', 'b'), new UsageError('c'), new DeliveryError('d', { attempts: 0, items: 0 })],
      ...[new PlatformError('e'), new UnknownOutcomeError('f')],
    ];
    expect(Object.keys({ ...errorCodes, ...platformErrorCodes })).to.have.members(codes.map((error) => error.code));
  });
});
